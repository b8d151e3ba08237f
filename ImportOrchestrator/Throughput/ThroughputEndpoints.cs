using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Api;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Throughput;

/// <summary>How imports came along, and what there is to import from.</summary>
public static class ThroughputEndpoints
{
    public static void MapThroughput(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/imports/{id}/throughput", ThroughputAsync);
        routes.MapGet("/sources", Sources);
    }

    private static async Task<IResult> ThroughputAsync(string id, ThroughputReader throughput, CancellationToken cancellationToken) =>
        !Guid.TryParse(id, out var importId) ? ImportAnswers.NoId(id)
        : await throughput.FindAsync(importId, cancellationToken) is { } found ? TypedResults.Ok(found)
        : ImportAnswers.NotFound(importId);

    private static Ok<IEnumerable<SourceShape>> Sources(SourceCatalog sources) => TypedResults.Ok(sources.All
        .OrderBy(source => source.Name, StringComparer.Ordinal)
        .Select(source => new SourceShape(
            source.Name, source.Options.Kind == SourceKind.Days ? "days" : "items",
            [.. source.PacedLimits.Select(limit => new SourceLimit(limit.Permits, limit.Window.TotalSeconds))])));
}
