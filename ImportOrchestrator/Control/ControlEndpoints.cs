using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Api;
using Sluice.ImportOrchestrator.Discovery;
using Sluice.ImportOrchestrator.Dispatch;
using Sluice.Sources.Records;

namespace Sluice.ImportOrchestrator.Control;

/// <summary>Pauses, resumes, cancels, repeats and deletes imports. Who may is the gateway's business.</summary>
public static class ControlEndpoints
{
    public static void MapImportControl(this IEndpointRouteBuilder routes)
    {
        var import = routes.MapGroup("/imports/{id}");
        import.MapPost("/pause", PauseAsync);
        import.MapPost("/resume", ResumeAsync);
        import.MapPost("/cancel", CancelAsync);
        import.MapPost("/retry-failed", RetryFailedAsync);
        import.MapDelete("/", DeleteAsync);
    }

    private static async Task<IResult> PauseAsync(
        string id, ImportPause pause, PausedWork waiting, ImportReader imports, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var importId))
            return ImportAnswers.NoId(id);
        var isPaused = await pause.PauseAsync(importId, cancellationToken);
        if (isPaused)
            waiting.SendBack(importId);
        return await AnswerAsync(importId, isPaused, imports, import => $"The import is {import.Status}: only a running one can be paused.", cancellationToken);
    }

    private static async Task<IResult> ResumeAsync(
        string id, ImportPause pause, DispatchSignal dispatch, ImportReader imports, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var importId))
            return ImportAnswers.NoId(id);
        var isResumed = await pause.ResumeAsync(importId, cancellationToken);
        dispatch.Set();
        return await AnswerAsync(importId, isResumed, imports, import => $"The import is {import.Status}: only a paused one can be resumed.", cancellationToken);
    }

    private static async Task<IResult> CancelAsync(
        string id, ImportEnd end, PagesInHand pages, ImportReader imports, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var importId))
            return ImportAnswers.NoId(id);
        var isCancelled = await end.CancelAsync(importId, cancellationToken);
        pages.GiveUp(importId);
        return await AnswerAsync(importId, isCancelled, imports,
            import => $"The import is {import.Status}: only a running or paused one can be cancelled.", cancellationToken);
    }

    private static async Task<IResult> RetryFailedAsync(
        string id, FailedWork failed, DispatchSignal dispatch, HttpResponse response, ImportReader imports, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var importId))
            return ImportAnswers.NoId(id);
        var (retry, other) = await failed.RetryAsync(importId, cancellationToken);
        dispatch.Set();
        if (other is { } running)
            response.Headers.Location = ImportAnswers.LocationOf(running);
        return await AnswerAsync(importId, retry == FailedRetry.Begun, imports, import => retry switch
        {
            FailedRetry.NothingFailed => "None of the import's items has failed.",
            FailedRetry.Cleared => "The import's items have been cleared: start a new one.",
            FailedRetry.OtherIsOpen => $"An import of '{import.Source}' that began later has not ended: {ImportAnswers.LocationOf(other!.Value)}",
            _ => $"The import is {import.Status}: start a new one.",
        }, cancellationToken);
    }

    private static async Task<IResult> DeleteAsync(
        string id, ImportRemoval removal, ImportReader imports, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var importId))
            return ImportAnswers.NoId(id);
        return await removal.RemoveAsync(importId, cancellationToken)
            ? TypedResults.NoContent()
            : await AnswerAsync(importId, isDone: false, imports, import => $"The import is {import.Status}: cancel it first.", cancellationToken);
    }

    private static async Task<IResult> AnswerAsync(
        Guid id, bool isDone, ImportReader imports, Func<ImportSnapshot, string> conflict, CancellationToken cancellationToken) =>
        await imports.FindAsync(id, cancellationToken) is not { } import ? ImportAnswers.NotFound(id)
        : isDone ? TypedResults.Ok(import)
        : TypedResults.Problem(conflict(import), statusCode: StatusCodes.Status409Conflict);
}
