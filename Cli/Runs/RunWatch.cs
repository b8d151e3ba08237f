using Sluice.Cli.Connection;
using Sluice.Cli.Output;
using Sluice.Contracts;

namespace Sluice.Cli.Runs;

/// <summary>Watches an import or a backfill to its end. Whoever stops watching leaves it running.</summary>
internal static class RunWatch
{
    public static async Task<ExitCode> WatchAsync(Session session, RunKind kind, string id, CancellationToken cancellationToken)
    {
        var printer = session.Printer;
        try
        {
            var feed = new EventFeed(session.Gateway, $"{RunKind.Import.PathOf(id)}/events", item => item.EventType == "end", session.Time);
            var screen = new Screen<ImportSnapshot>(
                printer, session.Time,
                (import, since) => RunFrame.Of(kind, Run.Of(import), since, printer.Console),
                import => RunText.LineOf(kind, Run.Of(import)));
            var (end, _) = await screen.WatchAsync(feed.FollowAsync(cancellationToken), cancellationToken);
            if (end.FailedCount > 0)
                printer.Note($"What failed, and why: sluice {kind.Name} failed {id}; once more: sluice {kind.Name} retry {id}");
            return Run.Of(end).IsSuccess ? ExitCode.Ok : ExitCode.EndedWithFailures;
        }
        catch (Exception exception) when (exception is OperationCanceledException or CommandFailure { MayPass: true })
        {
            printer.Note($"The {kind.Name} goes on. To see it again: sluice {kind.Name} watch {id}; to end it: sluice {kind.Name} cancel {id}");
            throw;
        }
    }
}
