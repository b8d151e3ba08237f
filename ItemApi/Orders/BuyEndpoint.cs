using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ItemApi.Sales;

namespace Sluice.ItemApi.Orders;

/// <summary>
/// POST /buy. What is decided here is decided on what this process knows and may be half a second old; the worker decides for good. Without an
/// Idempotency-Key nothing is read or written but the queue.
/// </summary>
internal static class BuyEndpoint
{
    private const string Location = "/orders/";

    public static void MapBuy(this IEndpointRouteBuilder routes) => routes.MapPost("/buy", BuyAsync).AddEndpointFilter(DatabaseAway.AnswerAsync);

    private static async Task<IResult> BuyAsync(
        HttpContext context, IOptions<OrderOptions> options, SaleBoard board, IdempotencyKeys keys, Intake intake, TimeProvider time, CancellationToken cancellationToken)
    {
        var (key, keyFault) = IdempotencyKeys.Read(context.Request.Headers[IdempotencyKeys.Header]);
        var (wanted, faults) = await BuyRequest.ReadAsync(context.Request.BodyReader, options.Value, cancellationToken);
        if (keyFault is not null)
            (faults ??= [])[IdempotencyKeys.Header] = [keyFault];
        if (faults is not null)
            return TypedResults.ValidationProblem(faults, detail: string.Join(' ', faults.Values.SelectMany(texts => texts)));

        var client = CallingClient.Of(context.Request);
        var now = time.GetUtcNow();
        var sku = board.Find(wanted.Sku) ?? await board.LookUpAsync(wanted.Sku, cancellationToken);
        var refusal = sku is null ? Refusals.UnknownSku(wanted.Sku) : Refusals.Of(sku, board.IsSoldOut(sku), context.Response, now);
        if (key is not null)
            return await BuyOnceAsync(key);
        if (refusal is not null)
            return intake.Refused(refusal);

        var order = intake.Order(wanted, sku!, client, now);
        return await intake.PublishAsync(order, context.Response, isKeyed: false, isNew: true) ?? Accepted(order.OrderId);

        // A key that is bound is answered as it was the first time, whatever has become of the sale since.
        async Task<IResult> BuyOnceAsync(string key)
        {
            var fingerprint = wanted.Fingerprint;
            var order = refusal is null ? intake.Order(wanted, sku!, client, now) : null;
            var bound = order is null
                ? await keys.FindAsync(client, key, fingerprint, cancellationToken)
                : await keys.TakeAsync(client, key, fingerprint, order.OrderId, cancellationToken);
            if (bound is { IsSameRequest: false })
                return intake.Refused(Refusals.OtherRequest());
            if (bound is { IsAnswered: true } earlier)
                return Accepted(earlier.OrderId);
            if (order is null || bound is not { } own)
                return intake.Refused(refusal!);

            var failure = await intake.PublishAsync(order with { OrderId = own.OrderId }, context.Response, isKeyed: true, isNew: own.OrderId == order.OrderId);
            if (failure is not null)
                return failure;
            await keys.AnsweredAsync(client, key, cancellationToken);
            return Accepted(own.OrderId);
        }
    }

    private static Accepted<OrderAccepted> Accepted(Guid id) => TypedResults.Accepted(Location + id, new OrderAccepted(id, OrderStatus.Queued));
}
