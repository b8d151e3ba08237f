using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Discovery;
using Sluice.ImportOrchestrator.Dispatch;
using Sluice.Sources.Records;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>Starts, shows and cancels imports. Who may is the gateway's business.</summary>
public static class ImportEndpoints
{
    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        var imports = routes.MapGroup("/imports");
        imports.MapPost("/", StartAsync);
        imports.MapGet("/", ListAsync);
        imports.MapGet("/{id}", GetAsync);
        imports.MapGet("/{id}/items", ItemsAsync);
        imports.MapPost("/{id}/cancel", CancelAsync);
    }

    private static async Task<IResult> StartAsync(
        HttpRequest request, ImportStore store, SourceCatalog sources, WorkPublisher publisher, IOptions<ImportOptions> options, CancellationToken cancellationToken)
    {
        var (wanted, errors) = await StartImportRequest.ReadAsync(request, sources, cancellationToken);
        if (wanted is null)
            return TypedResults.ValidationProblem(errors);

        var start = await store.StartAsync(wanted.Source, wanted.Fresh, Activity.Current?.Id, options.Value.RepublishPageAfter, cancellationToken);
        var location = LocationOf(start.Id);
        if (!start.IsNew)
        {
            request.HttpContext.Response.Headers.Location = location;
            return TypedResults.Problem($"An import of '{wanted.Source}' is running: {location}", statusCode: StatusCodes.Status409Conflict);
        }

        // From here on the import stands: the dispatcher sees to it when this message is lost.
        await publisher.TryPublishPageAsync(new DiscoverImport(start.Id, 0));
        return TypedResults.Accepted(location, new ImportStarted(start.Id, wanted.Source, ImportStatus.Running));
    }

    private static async Task<IResult> ListAsync(string? cursor, string? limit, ImportStore store, SourceCatalog sources, CancellationToken cancellationToken)
    {
        Dictionary<string, string[]> errors = [];
        var before = PageRequest.Cursor<Guid>(cursor, errors);
        var count = PageRequest.Limit(limit, errors);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var rows = await store.ListAsync(before, count + 1, cancellationToken);
        var snapshots = rows.Take(count).Select(row => row.Snapshot(sources.Find(row.Source))).ToList();
        return TypedResults.Ok(new CursorPage<ImportSnapshot>(snapshots, rows.Count > count ? snapshots[^1].Id.ToString() : null));
    }

    private static async Task<IResult> GetAsync(string id, ImportStore store, SourceCatalog sources, CancellationToken cancellationToken) =>
        !Guid.TryParse(id, out var importId) ? NoId(id)
        : await store.FindAsync(importId, cancellationToken) is { } import ? TypedResults.Ok(import.Snapshot(sources.Find(import.Source)))
        : NotFound(importId);

    private static async Task<IResult> ItemsAsync(
        string id, string? status, string? cursor, string? limit, ImportStore store, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var importId))
            return NoId(id);
        Dictionary<string, string[]> errors = [];
        var wanted = string.IsNullOrEmpty(status) ? null : status;
        if (wanted is not null && !ItemStatus.All.Contains(wanted))
            errors["status"] = [$"'{wanted}' is not one of: {string.Join(", ", ItemStatus.All)}."];
        var after = PageRequest.Cursor<long>(cursor, errors);
        var count = PageRequest.Limit(limit, errors);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);
        if (await store.FindAsync(importId, cancellationToken) is null)
            return NotFound(importId);

        var rows = await store.ItemsAsync(importId, wanted, after ?? 0, count + 1, cancellationToken);
        var items = rows.Take(count).ToList();
        return TypedResults.Ok(new CursorPage<ImportedItem>(
            [.. items.Select(row => row.Item)], rows.Count > count ? $"{items[^1].Row}" : null));
    }

    private static async Task<IResult> CancelAsync(
        string id, ImportStore store, ImportEnd end, PagesInHand pages, SourceCatalog sources, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var importId))
            return NoId(id);
        var isCancelled = await end.CancelAsync(importId, cancellationToken);
        pages.GiveUp(importId);
        return await store.FindAsync(importId, cancellationToken) is not { } import ? NotFound(importId)
            : isCancelled ? TypedResults.Ok(import.Snapshot(sources.Find(import.Source)))
            : TypedResults.Problem($"The import is {import.Status}: only a running one can be cancelled.", statusCode: StatusCodes.Status409Conflict);
    }

    private static string LocationOf(Guid id) => $"/imports/{id}";

    private static ValidationProblem NoId(string id) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["id"] = [$"'{id}' is not an import's id, which is a UUID."] });

    private static ProblemHttpResult NotFound(Guid id) =>
        TypedResults.Problem($"There is no import {id}.", statusCode: StatusCodes.Status404NotFound, extensions: new Dictionary<string, object?>
        {
            ["errors"] = new Dictionary<string, string[]> { ["id"] = ["There is no such import."] },
        });
}
