using Sluice.Contracts;
using Sluice.ImportOrchestrator.Control;
using Sluice.ImportOrchestrator.Dispatch;
using Sluice.Sources.Records;

namespace Sluice.ImportOrchestrator.Backfills;

/// <summary>Pauses, resumes, cancels, repeats and deletes backfills, as imports are. Records stay whatever becomes of the backfill that brought them.</summary>
internal static class BackfillControl
{
    /// <param name="backfill">The routes of one backfill, whose id is <c>{id}</c>.</param>
    public static void Map(IEndpointRouteBuilder backfill)
    {
        backfill.MapPost("/pause", PauseAsync);
        backfill.MapPost("/resume", ResumeAsync);
        backfill.MapPost("/cancel", CancelAsync);
        backfill.MapPost("/retry-failed", RetryFailedAsync);
        backfill.MapDelete("/", DeleteAsync);
    }

    private static async Task<IResult> PauseAsync(Guid id, ImportPause pause, BackfillReader backfills, CancellationToken cancellationToken) =>
        await AnswerAsync(id, await pause.PauseAsync(id, cancellationToken), backfills, "only a running one can be paused", cancellationToken);

    private static async Task<IResult> ResumeAsync(
        Guid id, ImportPause pause, DispatchSignal dispatch, BackfillReader backfills, CancellationToken cancellationToken)
    {
        var isResumed = await pause.ResumeAsync(id, cancellationToken);
        dispatch.Set();
        return await AnswerAsync(id, isResumed, backfills, "only a paused one can be resumed", cancellationToken);
    }

    private static async Task<IResult> CancelAsync(Guid id, ImportEnd end, BackfillReader backfills, CancellationToken cancellationToken) =>
        await AnswerAsync(id, await end.CancelAsync(id, cancellationToken), backfills, "only a running or paused one can be cancelled", cancellationToken);

    private static async Task<IResult> RetryFailedAsync(
        Guid id, FailedWork failed, DispatchSignal dispatch, HttpResponse response, BackfillReader backfills, CancellationToken cancellationToken)
    {
        var (retry, other) = await failed.RetryAsync(id, cancellationToken);
        dispatch.Set();
        if (other is { } open)
            response.Headers.Location = $"/backfills/{open}";
        return await AnswerAsync(id, retry == FailedRetry.Begun, backfills, retry switch
        {
            FailedRetry.NothingFailed => "none of its days has failed",
            FailedRetry.OtherIsOpen => $"another one of its source has not ended: /backfills/{other}",
            _ => "start a new one",
        }, cancellationToken);
    }

    private static async Task<IResult> DeleteAsync(Guid id, ImportRemoval removal, BackfillReader backfills, CancellationToken cancellationToken) =>
        await removal.RemoveAsync(id, cancellationToken)
            ? TypedResults.NoContent()
            : await AnswerAsync(id, isDone: false, backfills, "cancel it first", cancellationToken);

    private static async Task<IResult> AnswerAsync(
        Guid id, bool isDone, BackfillReader backfills, string conflict, CancellationToken cancellationToken) =>
        await backfills.FindAsync(id, cancellationToken) is not { } backfill ? TypedResults.NotFound()
        : isDone ? TypedResults.Ok(backfill)
        : TypedResults.Problem($"The backfill is {backfill.Status}: {conflict}.", statusCode: StatusCodes.Status409Conflict);
}
