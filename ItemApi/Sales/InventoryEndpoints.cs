using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.ItemApi.Items;
using Sluice.ItemApi.Orders;

namespace Sluice.ItemApi.Sales;

/// <summary>Shows stock, adds to it, and proves it from rows. Who may add is the gateway's business.</summary>
internal static class InventoryEndpoints
{
    private const long MostUnits = 1_000_000_000;

    public static void MapInventory(this IEndpointRouteBuilder routes)
    {
        var inventory = routes.MapGroup("/inventory").AddEndpointFilter(DatabaseAway.AnswerAsync);
        inventory.MapMethods("", ItemEndpoints.Reads, BalanceAsync);
        inventory.MapMethods("/{sku}", ItemEndpoints.Reads, GetAsync);
        inventory.MapPost("/{sku}/restock", RestockAsync);
    }

    private static async Task<Ok<IReadOnlyList<InventoryBalance>>> BalanceAsync(InventoryStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok<IReadOnlyList<InventoryBalance>>(await store.BalanceAsync(cancellationToken));

    private static async Task<Results<Ok<InventorySnapshot>, ProblemHttpResult>> GetAsync(string sku, InventoryStore store, CancellationToken cancellationToken) =>
        await FindAsync(sku, store, cancellationToken) is { } found ? TypedResults.Ok(found) : Refusals.UnknownSku(sku);

    private static async Task<Results<Ok<InventorySnapshot>, ValidationProblem, ProblemHttpResult>> RestockAsync(
        string sku, HttpRequest request, InventoryStore store, SaleBoard board, CancellationToken cancellationToken)
    {
        var fields = await JsonFields.ReadAsync(request, ["quantity"], cancellationToken);
        var quantity = fields.Whole("quantity", 1, MostUnits, isNeeded: true);
        if (fields.Problem() is { } problem)
            return problem;
        if (!await store.RestockAsync(sku, quantity!.Value, cancellationToken))
            return Refusals.UnknownSku(sku);
        await board.StockCameAsync(sku, cancellationToken);
        return TypedResults.Ok((await FindAsync(sku, store, cancellationToken))!);
    }

    private static async Task<InventorySnapshot?> FindAsync(string sku, InventoryStore store, CancellationToken cancellationToken) =>
        (await store.FactsAsync(sku, cancellationToken)) is [var found]
            ? new InventorySnapshot(found.Sku, found.Stock, found.Stock == 0, found.Price, found.Version)
            : null;
}
