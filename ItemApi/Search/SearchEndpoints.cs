using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.ItemApi.Items;

namespace Sluice.ItemApi.Search;

public static class SearchEndpoints
{
    public static IEndpointRouteBuilder MapSearch(this IEndpointRouteBuilder endpoints)
    {
        var search = endpoints.MapGroup("/api/search");
        search.MapMethods("", ItemEndpoints.Reads, SearchAsync);
        return endpoints;
    }

    private static async Task<Results<Ok<SearchPage>, ValidationProblem>> SearchAsync(
        HttpRequest request, HttpResponse response, SearchStore store, CancellationToken cancellationToken)
    {
        var (query, faults) = SearchQuery.Read(request.Query);
        if (query is null)
            return TypedResults.ValidationProblem(faults, detail: string.Join(' ', faults.Values.SelectMany(texts => texts)));

        var found = await store.FindAsync(query, cancellationToken);
        var page = query.Page;
        response.Headers.Link = PageLinks.Of($"/api/search?q={Uri.EscapeDataString(query.Text)}&", page, found.Total);
        return TypedResults.Ok(new SearchPage(
            found.Items, query.Text, page.Number, page.Take, found.Total, PageLinks.PagesOf(found.Total, page.Take)));
    }
}
