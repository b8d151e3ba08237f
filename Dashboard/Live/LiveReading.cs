using Sluice.Dashboard.Gateway;

namespace Sluice.Dashboard.Live;

/// <summary>One value that people watch, and who they are. Thread-safe.</summary>
internal sealed class LiveReading<T>(Func<CancellationToken, Task<T>> read, TimeSpan interval, TimeProvider time) : IAsyncDisposable
    where T : class
{
    /// <summary>A page that knows nothing yet says so after that long.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMilliseconds(500);

    private readonly Lock sync = new();
    private readonly CancellationTokenSource stop = new();
    private readonly List<LiveWatch<T>> watches = [];
    private TaskCompletionSource asked = Signal();
    private TaskCompletionSource done = Signal();
    private long leftAt = time.GetTimestamp();

    public LiveState<T> State { get; private set; } = new(null, null, null);

    public LiveWatch<T> Join(Action changed)
    {
        var watch = new LiveWatch<T>(this, changed);
        lock (sync)
            watches.Add(watch);
        return watch;
    }

    public void Leave(LiveWatch<T> watch)
    {
        lock (sync)
        {
            watches.Remove(watch);
            leftAt = time.GetTimestamp();
        }
    }

    public bool IsUnwatchedFor(TimeSpan span)
    {
        lock (sync)
            return watches.Count == 0 && time.GetElapsedTime(leftAt) >= span;
    }

    public Task NextAsync()
    {
        lock (sync)
        {
            asked.TrySetResult();
            return done.Task;
        }
    }

    public Task FirstAsync()
    {
        lock (sync)
            return State.IsLoading ? Task.WhenAny(done.Task, Task.Delay(patience, time, stop.Token)) : Task.CompletedTask;
    }

    /// <returns>False once it was disposed of.</returns>
    public async Task<bool> ReadAsync()
    {
        LiveState<T> state;
        try
        {
            state = new(await read(stop.Token), time.GetUtcNow(), null);
        }
        catch (GatewayException fault)
        {
            state = State with { Fault = fault };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }

        Publish(state);
        return true;
    }

    /// <summary>Waits for an interval, or until somebody wants to know now.</summary>
    public async Task PauseAsync()
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        await Task.WhenAny(asked.Task, Task.Delay(interval, time, wait.Token));
        await wait.CancelAsync();
        lock (sync)
            asked = asked.Task.IsCompleted ? Signal() : asked;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        done.TrySetCanceled();
    }

    private void Publish(LiveState<T> state)
    {
        LiveWatch<T>[] told;
        lock (sync)
        {
            State = state;
            told = [.. watches];
            done.TrySetResult();
            done = Signal();
        }

        foreach (var watch in told)
            watch.Tell();
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
