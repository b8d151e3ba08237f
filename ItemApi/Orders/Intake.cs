using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ItemApi.Sales;

namespace Sluice.ItemApi.Orders;

/// <summary>Makes orders and brings them into the queue, within its bound. Thread-safe.</summary>
internal sealed class Intake(
    OrderIds ids, OrderQueue queue, QueuedOrders queued, OrderPublisher publisher, Withdrawals withdrawals, SaleIntake sales,
    OrderTelemetry telemetry, IOptions<OrderOptions> options)
{
    public PlaceOrder Order(BuyRequest wanted, SkuFacts sku, CallingClient client, DateTimeOffset now) => new(
        ids.Next(), wanted.Sku, wanted.Quantity, sku.Sale?.Id, client.Id, client.BuyerOf(wanted.Buyer), wanted.Buyer, now);

    /// <returns>Null when the broker has the order.</returns>
    /// <param name="isKeyed">Who was refused may come back for this very order, so it isn't withdrawn.</param>
    /// <param name="isNew">It has not been published before.</param>
    public async Task<IResult?> PublishAsync(PlaceOrder order, HttpResponse response, bool isKeyed, bool isNew)
    {
        if (!queue.IsOpen)
            return Refused(Refusals.NoQueue(response, isKeyed));
        if (!queued.TryEnter(options.Value.QueueLimit))
            return Refused(Refusals.QueueFull(response));

        var outcome = await publisher.PublishAsync(order);
        if (outcome == Publication.Confirmed)
        {
            telemetry.Accepted();
            if (isNew)
                sales.Accepted(order.SaleId);
            return null;
        }

        if (outcome == Publication.Unknown && !isKeyed)
            withdrawals.Add(order);
        return Refused(Refusals.NoQueue(response, isKeyed));
    }

    public ProblemHttpResult Refused(ProblemHttpResult refusal)
    {
        telemetry.Refused((string)refusal.ProblemDetails.Extensions["reason"]!);
        return refusal;
    }
}
