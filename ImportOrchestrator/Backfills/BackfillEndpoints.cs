using System.Diagnostics;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Api;
using Sluice.ImportOrchestrator.Dispatch;
using Sluice.ImportOrchestrator.Throughput;

namespace Sluice.ImportOrchestrator.Backfills;

/// <summary>Starts and shows backfills. Who may is the gateway's business.</summary>
public static class BackfillEndpoints
{
    public static void MapBackfills(this IEndpointRouteBuilder routes)
    {
        var backfills = routes.MapGroup("/backfills");
        backfills.MapPost("/", StartAsync);
        backfills.MapGet("/", ListAsync);
        var backfill = backfills.MapGroup("/{id}").AddEndpointFilter<BackfillFilter>();
        backfill.MapGet("/", GetAsync);
        backfill.MapGet("/days", DaysAsync);
        backfill.MapGet("/throughput", ThroughputAsync);
        BackfillControl.Map(backfill);
    }

    private static async Task<IResult> StartAsync(
        HttpRequest request, StartBackfillRequest reader, BackfillStore store, DispatchSignal dispatch, CancellationToken cancellationToken)
    {
        var (wanted, errors) = await reader.ReadAsync(request, cancellationToken);
        if (wanted is null)
            return TypedResults.ValidationProblem(errors);

        var start = await store.StartAsync(wanted, Activity.Current?.Id, cancellationToken);
        var location = $"/backfills/{start.Id}";
        if (!start.IsNew)
        {
            request.HttpContext.Response.Headers.Location = location;
            return TypedResults.Problem($"A backfill of '{wanted.Source}' has not ended: {location}", statusCode: StatusCodes.Status409Conflict);
        }

        dispatch.Set();
        return TypedResults.Accepted(location, new BackfillStarted(start.Id, wanted.Source, wanted.From, wanted.To, ImportStatus.Running));
    }

    private static async Task<IResult> ListAsync(
        string? cursor, string? offset, string? limit, BackfillReader backfills, BackfillStore store, CancellationToken cancellationToken)
    {
        Dictionary<string, string[]> errors = [];
        var before = PageRequest.Cursor<Guid>(cursor, errors);
        var skipped = PageRequest.Offset(offset, cursor, errors);
        var count = PageRequest.Limit(limit, errors);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var snapshots = await backfills.ListAsync(before, skipped ?? 0, count + 1, cancellationToken);
        return TypedResults.Ok(new CursorPage<BackfillSnapshot>(
            [.. snapshots.Take(count)], snapshots.Count > count ? snapshots[count - 1].Id.ToString() : null,
            skipped is null ? null : await store.CountAsync(cancellationToken)));
    }

    private static async Task<IResult> GetAsync(Guid id, BackfillReader backfills, CancellationToken cancellationToken) =>
        await backfills.FindAsync(id, cancellationToken) is { } backfill ? TypedResults.Ok(backfill) : TypedResults.NotFound();

    private static async Task<IResult> ThroughputAsync(Guid id, ThroughputReader throughput, CancellationToken cancellationToken) =>
        await throughput.FindAsync(id, cancellationToken) is { } found ? TypedResults.Ok(found) : TypedResults.NotFound();

    private static async Task<IResult> DaysAsync(
        Guid id, string? status, string? cursor, string? limit, BackfillStore store, CancellationToken cancellationToken)
    {
        Dictionary<string, string[]> errors = [];
        var wanted = string.IsNullOrEmpty(status) ? null : status;
        if (wanted is not null && !ItemStatus.All.Contains(wanted))
            errors["status"] = [$"'{wanted}' is not one of: {string.Join(", ", ItemStatus.All)}."];
        var after = PageRequest.Cursor<DateOnly>(cursor, errors);
        var count = PageRequest.Limit(limit, errors);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        var days = await store.DaysAsync(id, wanted, after, count + 1, cancellationToken);
        return TypedResults.Ok(new CursorPage<BackfillDay>([.. days.Take(count)], days.Count > count ? $"{days[count - 1].Date:yyyy-MM-dd}" : null));
    }
}
