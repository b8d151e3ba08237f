using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.ItemApi.Items;
using Sluice.ItemApi.Sales;

namespace Sluice.ItemApi.Orders;

/// <summary>Shows orders to whoever knows their ids, and cancels them for who placed them.</summary>
internal static class OrderEndpoints
{
    /// <summary>What a watcher hears at the least, so that nobody between takes the connection for dead.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        routes.MapBuy();
        var orders = routes.MapGroup("/orders").AddEndpointFilter(DatabaseAway.AnswerAsync);
        orders.MapMethods("/{id}", ItemEndpoints.Reads, GetAsync);
        orders.MapGet("/{id}/events", WatchAsync);
        orders.MapPost("/{id}/cancel", CancelAsync);
    }

    private static async Task<Results<Ok<OrderSnapshot>, ProblemHttpResult>> GetAsync(string id, OrderIds ids, OrderStore store, CancellationToken cancellationToken) =>
        await FindAsync(id, ids, store, cancellationToken) is { } order ? TypedResults.Ok(order) : NotFound(id);

    private static async Task<IResult> WatchAsync(string id, OrderIds ids, OrderStore store, OrderWatch watch, CancellationToken cancellationToken) =>
        await FindAsync(id, ids, store, cancellationToken) is { } order
            ? TypedResults.ServerSentEvents(EventsAsync(order, watch, cancellationToken))
            : NotFound(id);

    private static async IAsyncEnumerable<SseItem<OrderSnapshot>> EventsAsync(
        OrderSnapshot order, OrderWatch watch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(order, "order");
        while (order.Status == OrderStatus.Queued)
        {
            order = await watch.OutcomeAsync(order.OrderId, Heartbeat, cancellationToken) ?? order;
            yield return new(order, "order");
        }
    }

    private static async Task<Results<Ok<OrderSnapshot>, ProblemHttpResult>> CancelAsync(
        string id, HttpRequest request, OrderIds ids, OrderStore store, SaleBoard board, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, ids, store, cancellationToken) is not { } found)
            return NotFound(id);
        if (await store.FindAsync(found.OrderId, cancellationToken) is not { } settled)
            return Conflict("The order is queued: only a confirmed order can be cancelled.");
        var caller = CallingClient.Of(request);
        if (!caller.IsOperator && caller.Id != settled.Client)
            return TypedResults.Problem("An order is cancelled by who placed it, or by an operator.", statusCode: StatusCodes.Status403Forbidden);
        if (!await store.CancelAsync(found.OrderId, cancellationToken))
        {
            var now = await store.FindAsync(found.OrderId, cancellationToken);
            return Conflict(now?.Order.Status == OrderStatus.Confirmed
                ? "The sale is over: orders can be cancelled while it lasts."
                : $"The order is {now?.Order.Status}: only a confirmed order can be cancelled.");
        }

        await board.StockCameAsync(settled.Order.Sku!, cancellationToken);
        return TypedResults.Ok((await store.FindAsync(found.OrderId, cancellationToken))!.Value.Order);
    }

    /// <summary>Null where no order has this id. One that is accepted and has no row yet is queued.</summary>
    private static async Task<OrderSnapshot?> FindAsync(string text, OrderIds ids, OrderStore store, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(text, out var id) || !ids.IsOurs(id, out var placedAt))
            return null;
        return await store.FindAsync(id, cancellationToken) is { } settled
            ? settled.Order
            : new OrderSnapshot(id, OrderStatus.Queued, null, null, null, null, null, null, placedAt, null, null);
    }

    private static ProblemHttpResult NotFound(string id) =>
        TypedResults.Problem($"There is no order '{id}'.", statusCode: StatusCodes.Status404NotFound);

    private static ProblemHttpResult Conflict(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict);
}
