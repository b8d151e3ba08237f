using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.ItemApi.Items;
using Sluice.ItemApi.Orders;

namespace Sluice.ItemApi.Sales;

/// <summary>Opens, shows and closes sales. Who may open and close is the gateway's business.</summary>
internal static class SaleEndpoints
{
    private const long MostUnits = 1_000_000_000;
    private const decimal MostMoney = 1_000_000;
    private const int DefaultLimit = 20;
    private const int LargestLimit = 100;

    private static readonly string[] known = ["sku", "stock", "startsAt", "endsAt", "limitPerBuyer", "price"];

    public static void MapSales(this IEndpointRouteBuilder routes)
    {
        var sales = routes.MapGroup("/sales").AddEndpointFilter(DatabaseAway.AnswerAsync);
        sales.MapPost("", OpenAsync);
        sales.MapMethods("", ItemEndpoints.Reads, ListAsync);
        sales.MapMethods("/{id}", ItemEndpoints.Reads, GetAsync);
        sales.MapMethods("/{id}/history", ItemEndpoints.Reads, HistoryAsync);
        sales.MapPost("/{id}/close", CloseAsync);
    }

    private static async Task<Results<Created<SaleSnapshot>, ValidationProblem, ProblemHttpResult>> OpenAsync(
        HttpRequest request, HttpResponse response, SaleStore store, SaleBoard board, TimeProvider time, CancellationToken cancellationToken)
    {
        var fields = await JsonFields.ReadAsync(request, known, cancellationToken);
        var now = time.GetUtcNow();
        var sale = Read(fields);
        var startsAt = sale.StartsAt ?? now;
        if (sale.EndsAt is { } end && (end <= startsAt || end <= now))
            fields.Fault("endsAt", "endsAt must be after startsAt, and not in the past.");
        if (fields.Problem() is { } problem)
            return problem;

        var (id, isNew) = await store.OpenAsync(sale, startsAt, cancellationToken);
        var location = $"/sales/{id}";
        if (!isNew)
        {
            response.Headers.Location = location;
            return TypedResults.Problem(
                $"A SKU has one sale at a time, and that of '{sale.Sku}' has not ended: {location}. It can be closed.", statusCode: StatusCodes.Status409Conflict);
        }

        await board.StockCameAsync(sale.Sku, cancellationToken);
        return TypedResults.Created(location, await store.FindAsync(id, cancellationToken));
    }

    private static async Task<Results<Ok<CursorPage<SaleSnapshot>>, ValidationProblem>> ListAsync(
        string? cursor, string? limit, SaleStore store, CancellationToken cancellationToken)
    {
        Dictionary<string, string[]> faults = [];
        Guid? before = string.IsNullOrEmpty(cursor) ? null : Guid.TryParse(cursor, out var id) ? id : null;
        if (before is null && !string.IsNullOrEmpty(cursor))
            faults["cursor"] = [$"'{cursor}' is not a cursor that this list gave."];
        var count = DefaultLimit;
        if (!string.IsNullOrEmpty(limit) && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count < 1))
            faults["limit"] = [$"'{limit}' is not a number of at least 1."];
        if (faults.Count > 0)
            return TypedResults.ValidationProblem(faults, detail: string.Join(' ', faults.Values.SelectMany(texts => texts)));

        count = Math.Min(count, LargestLimit);
        var sales = await store.ListAsync(before, count + 1, cancellationToken);
        return TypedResults.Ok(new CursorPage<SaleSnapshot>(
            [.. sales.Take(count)], sales.Count > count ? sales[count - 1].Id.ToString() : null));
    }

    private static async Task<Results<Ok<SaleSnapshot>, ProblemHttpResult>> GetAsync(string id, SaleStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var saleId) && await store.FindAsync(saleId, cancellationToken) is { } sale ? TypedResults.Ok(sale) : NotFound(id);

    private static async Task<Results<Ok<SaleHistory>, ProblemHttpResult>> HistoryAsync(string id, SaleHistoryStore store, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var saleId) && await store.FindAsync(saleId, cancellationToken) is { } history ? TypedResults.Ok(history) : NotFound(id);

    private static async Task<Results<Ok<SaleSnapshot>, ProblemHttpResult>> CloseAsync(
        string id, SaleStore store, SaleBoard board, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var saleId))
            return NotFound(id);
        await store.CloseAsync(saleId, cancellationToken);
        await board.ReadFactsAsync(cancellationToken);
        return await store.FindAsync(saleId, cancellationToken) is { } sale ? TypedResults.Ok(sale) : NotFound(id);
    }

    private static OpenSale Read(JsonFields fields) => new(
        fields.Text("sku", Sku.IsValid, Sku.Rule) ?? "",
        fields.Whole("stock", 1, MostUnits, isNeeded: true) ?? 0,
        fields.Time("startsAt"),
        fields.Time("endsAt"),
        (int?)fields.Whole("limitPerBuyer", 1, int.MaxValue),
        fields.Money("price", MostMoney));

    private static ProblemHttpResult NotFound(string id) =>
        TypedResults.Problem($"There is no sale '{id}'.", statusCode: StatusCodes.Status404NotFound);
}
