using System.Diagnostics;
using System.Threading.Channels;

namespace Sluice.DetailWorker;

/// <summary>
/// Lets calls that are made while one is under way travel together in the next: one statement for many rows, and no delay for a lone one.
/// The activity of the first caller is the parent of what the batch does. Thread-safe.
/// </summary>
internal sealed class Coalescer<TRequest, TResult> : IAsyncDisposable
{
    private readonly Channel<Call> calls = Channel.CreateUnbounded<Call>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Func<IReadOnlyList<TRequest>, Task<IReadOnlyList<TResult>>> run;
    private readonly int largestBatch;
    private readonly Task pump;

    /// <param name="run">Answers each request, in order. What it throws, every caller of the batch gets.</param>
    /// <param name="largestBatch">Most requests in one batch.</param>
    public Coalescer(Func<IReadOnlyList<TRequest>, Task<IReadOnlyList<TResult>>> run, int largestBatch)
    {
        this.run = run;
        this.largestBatch = largestBatch;
        using (ExecutionContext.SuppressFlow())
            pump = Task.Run(PumpAsync);
    }

    /// <summary>The batch runs to its end when the caller gives up: others ride in it.</summary>
    public Task<TResult> RunAsync(TRequest request, CancellationToken cancellationToken)
    {
        var call = new Call(request, Activity.Current, new(TaskCreationOptions.RunContinuationsAsynchronously));
        ObjectDisposedException.ThrowIf(!calls.Writer.TryWrite(call), this);
        return call.Answer.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        calls.Writer.TryComplete();
        await pump;
    }

    private async Task PumpAsync()
    {
        List<Call> batch = [];
        while (await calls.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < largestBatch && calls.Reader.TryRead(out var call))
                batch.Add(call);
            await RunBatchAsync(batch);
        }
    }

    private async Task RunBatchAsync(List<Call> batch)
    {
        Activity.Current = batch[0].Activity;
        try
        {
            var results = await run([.. batch.Select(call => call.Request)]);
            for (var i = 0; i < batch.Count; i++)
                batch[i].Answer.SetResult(results[i]);
        }
        catch (Exception exception)
        {
            foreach (var call in batch)
                call.Answer.TrySetException(exception);
        }
        finally
        {
            Activity.Current = null;
        }
    }

    private sealed record Call(TRequest Request, Activity? Activity, TaskCompletionSource<TResult> Answer);
}
