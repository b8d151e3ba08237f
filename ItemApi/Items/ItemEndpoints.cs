using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;

namespace Sluice.ItemApi.Items;

public static class ItemEndpoints
{
    internal static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    public static IEndpointRouteBuilder MapItems(this IEndpointRouteBuilder endpoints)
    {
        var items = endpoints.MapGroup("/api/items");
        items.MapMethods("", Reads, ListAsync);
        items.MapMethods("/{id}", Reads, FindAsync);
        return endpoints;
    }

    private static async Task<Results<Ok<ItemPage>, ValidationProblem>> ListAsync(
        HttpRequest request, HttpResponse response, ItemStore store, CancellationToken cancellationToken)
    {
        var (query, faults) = ItemQuery.Read(request.Query);
        if (query is null)
            return TypedResults.ValidationProblem(faults, detail: string.Join(' ', faults.Values.SelectMany(texts => texts)));

        var slice = query switch
        {
            ItemQuery.ByCursor cursor => await store.ReadAfterAsync(cursor.AfterId, cursor.Take, cancellationToken),
            ItemQuery.ByOffset offset => await store.ReadFromAsync(offset.Offset, offset.Take, cancellationToken),
            ItemQuery.ByPage page => await store.ReadFromAsync(page.Offset, page.Take, cancellationToken),
            _ => throw new InvalidOperationException($"{query.GetType().Name} is no way to read the list."),
        };
        var nextCursor = slice.HasMore ? ItemCursor.After(slice.Items[^1].Id) : null;
        response.Headers.Link = PageLinks.Of("/api/items?", query, slice.Total, nextCursor);
        return TypedResults.Ok(new ItemPage(
            slice.Items,
            query switch
            {
                ItemQuery.ByPage page => page.Number,
                ItemQuery.ByOffset offset => offset.Offset / offset.Take + 1,
                _ => null,
            },
            query.Take,
            slice.Total,
            PageLinks.PagesOf(slice.Total, query.Take),
            nextCursor));
    }

    private static async Task<Results<Ok<ItemDetail>, ValidationProblem, ProblemHttpResult>> FindAsync(
        string id, ItemStore store, CancellationToken cancellationToken)
    {
        if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            const string fault = "id must be a whole number.";
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["id"] = [fault] }, detail: fault);
        }

        return await store.FindAsync(number, cancellationToken) is { } item
            ? TypedResults.Ok(item)
            : TypedResults.Problem($"There is no item {number}.", statusCode: StatusCodes.Status404NotFound);
    }
}
