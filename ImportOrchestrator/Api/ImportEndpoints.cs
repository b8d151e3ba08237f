using System.Diagnostics;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Dispatch;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>Starts and shows imports. Who may is the gateway's business.</summary>
public static class ImportEndpoints
{
    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        var imports = routes.MapGroup("/imports");
        imports.MapPost("/", StartAsync);
        imports.MapGet("/", ListAsync);
        imports.MapGet("/{id}", GetAsync);
        imports.MapGet("/{id}/items", ItemsAsync);
    }

    private static async Task<IResult> StartAsync(
        HttpRequest request, ImportStore store, SourceCatalog sources, WorkPublisher publisher, IOptions<ImportOptions> options, CancellationToken cancellationToken)
    {
        var (wanted, errors) = await StartImportRequest.ReadAsync(request, sources, cancellationToken);
        if (wanted is null)
            return TypedResults.ValidationProblem(errors);

        var start = await store.StartAsync(wanted.Source, wanted.Fresh, Activity.Current?.Id, options.Value.RepublishPageAfter, cancellationToken);
        var location = ImportAnswers.LocationOf(start.Id);
        if (!start.IsNew)
        {
            request.HttpContext.Response.Headers.Location = location;
            return TypedResults.Problem($"An import of '{wanted.Source}' has not ended: {location}", statusCode: StatusCodes.Status409Conflict);
        }

        // From here on the import stands: the dispatcher sees to it when this message is lost.
        await publisher.TryPublishPageAsync(new DiscoverImport(start.Id, 0));
        return TypedResults.Accepted(location, new ImportStarted(start.Id, wanted.Source, ImportStatus.Running));
    }

    private static async Task<IResult> ListAsync(
        string? status, string? source, string? cursor, string? offset, string? limit, ImportReader imports, ImportStore store, CancellationToken cancellationToken)
    {
        Dictionary<string, string[]> errors = [];
        var wanted = OneOf(status, ImportStatus.All, errors);
        var listing = new ImportListing(
            PageRequest.Cursor<Guid>(cursor, errors), PageRequest.Offset(offset, cursor, errors), wanted, string.IsNullOrEmpty(source) ? null : source);
        var count = PageRequest.Limit(limit, errors);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var snapshots = await imports.ListAsync(listing, count + 1, cancellationToken);
        return TypedResults.Ok(new CursorPage<ImportSnapshot>(
            [.. snapshots.Take(count)], snapshots.Count > count ? snapshots[count - 1].Id.ToString() : null,
            listing.Offset is null ? null : await store.CountAsync(listing, cancellationToken)));
    }

    private static async Task<IResult> GetAsync(string id, ImportReader imports, CancellationToken cancellationToken) =>
        !Guid.TryParse(id, out var importId) ? ImportAnswers.NoId(id)
        : await imports.FindAsync(importId, cancellationToken) is { } import ? TypedResults.Ok(import)
        : ImportAnswers.NotFound(importId);

    private static async Task<IResult> ItemsAsync(
        string id, string? status, string? cursor, string? offset, string? limit, ImportStore store, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var importId))
            return ImportAnswers.NoId(id);
        Dictionary<string, string[]> errors = [];
        var wanted = OneOf(status, ItemStatus.All, errors);
        var after = PageRequest.Cursor<long>(cursor, errors);
        var skipped = PageRequest.Offset(offset, cursor, errors);
        var count = PageRequest.Limit(limit, errors);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);
        if (await store.FindAsync(importId, cancellationToken) is null)
            return ImportAnswers.NotFound(importId);

        var rows = await store.ItemsAsync(importId, wanted, after ?? 0, skipped ?? 0, count + 1, cancellationToken);
        var items = rows.Take(count).ToList();
        return TypedResults.Ok(new CursorPage<ImportedItem>(
            [.. items.Select(row => row.Item)], rows.Count > count ? $"{items[^1].Row}" : null,
            skipped is null ? null : await store.CountItemsAsync(importId, wanted, cancellationToken)));
    }

    private static string? OneOf(string? status, IReadOnlyList<string> known, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(status))
            return null;
        if (!known.Contains(status))
            errors["status"] = [$"'{status}' is not one of: {string.Join(", ", known)}."];
        return status;
    }
}
