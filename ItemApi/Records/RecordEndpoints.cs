using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.ItemApi.Items;

namespace Sluice.ItemApi.Records;

public static class RecordEndpoints
{
    public static IEndpointRouteBuilder MapRecords(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGroup("/api/records").MapMethods("", ItemEndpoints.Reads, ListAsync);
        return endpoints;
    }

    /// <summary>A page of one day. A day without records, also one outside of the configured days, is empty.</summary>
    private static Results<Ok<CursorPage<DailyRecord>>, ValidationProblem> ListAsync(HttpRequest request, RecordRecipe recipe)
    {
        var (query, faults) = RecordQuery.Read(request.Query);
        if (query is null)
            return TypedResults.ValidationProblem(faults, detail: string.Join(' ', faults.Values.SelectMany(texts => texts)));

        var (date, after, take) = query;
        var count = recipe.CountOn(date);
        var size = Math.Clamp(count - after, 0, take);
        return TypedResults.Ok(new CursorPage<DailyRecord>(
            [.. Enumerable.Range(after, size).Select(number => recipe.Make(date, number, count))],
            after + size < count ? RecordCursor.After(date, after + size) : null));
    }
}
