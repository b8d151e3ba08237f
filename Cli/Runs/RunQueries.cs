using System.Text.Json;
using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Contracts;

namespace Sluice.Cli.Runs;

/// <summary>Shows imports and backfills, and what failed of them.</summary>
internal static class RunQueries
{
    public static async Task<ExitCode> ListAsync(Session session, RunKind kind, int limit, string? cursor, CancellationToken cancellationToken)
    {
        var page = await session.Gateway.GetAsync($"{kind.Path}?{PageQuery.Of(limit, cursor)}", cancellationToken);
        return session.Printer.Page(page, RunText.Headings, run => RunText.RowOf(kind.Read(run)), $"There are no {kind.Path}.");
    }

    public static async Task<ExitCode> ShowAsync(Session session, RunKind kind, string? id, CancellationToken cancellationToken)
    {
        var snapshot = await session.Gateway.GetAsync(kind.PathOf(await IdAsync(session, kind, id, cancellationToken)), cancellationToken);
        if (session.Printer.IsJson)
            session.Printer.Document(snapshot);
        else
            session.Printer.Facts(RunText.FactsOf(kind, kind.Read(snapshot)));
        return ExitCode.Ok;
    }

    public static async Task<ExitCode> FailedAsync(
        Session session, RunKind kind, string? id, int limit, string? cursor, CancellationToken cancellationToken)
    {
        var run = await IdAsync(session, kind, id, cancellationToken);
        var page = await session.Gateway.GetAsync(
            $"{kind.PathOf(run)}/{kind.PartsPath}?status={ItemStatus.Failed}&{PageQuery.Of(limit, cursor)}", cancellationToken);
        return session.Printer.Page(page, [kind.Parts[..^1], ">attempts", "failed", "reason"], part => RowOf(kind, part), $"None of the {kind.Parts} has failed.");
    }

    /// <returns>The id, or that of the newest.</returns>
    public static async Task<string> IdAsync(Session session, RunKind kind, string? id, CancellationToken cancellationToken)
    {
        if (id is not null)
            return id;
        var page = await session.Gateway.GetAsync($"{kind.Path}?limit=1", cancellationToken);
        return page.GetProperty("data").EnumerateArray().Select(run => run.GetProperty("id").GetString()).FirstOrDefault()
            ?? throw new CommandFailure(ExitCode.NotFound, $"There are no {kind.Path}.");
    }

    private static string[] RowOf(RunKind kind, JsonElement part)
    {
        if (kind == RunKind.Import)
        {
            var item = part.Deserialize<ImportedItem>(JsonSerializerOptions.Web)!;
            return Row($"{item.ExternalId} {item.Name}".TrimEnd(), item.FailureCount, item.LastFailedAt, item.FailureReason);
        }

        var day = part.Deserialize<BackfillDay>(JsonSerializerOptions.Web)!;
        return Row($"{day.Date:yyyy-MM-dd}", day.FailureCount, day.LastFailedAt, day.FailureReason);
    }

    private static string[] Row(string what, int attempts, DateTimeOffset? failedAt, string? reason) =>
        [what, Words.Count(attempts), failedAt is { } moment ? Words.Moment(moment) : "", reason ?? ""];
}
