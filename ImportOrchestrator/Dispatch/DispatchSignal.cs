namespace Sluice.ImportOrchestrator.Dispatch;

/// <summary>Wakes the dispatcher: there is new work. Signals that come before it looks count as one. Thread-safe.</summary>
internal sealed class DispatchSignal(TimeProvider time)
{
    private TaskCompletionSource signalled = New();

    public void Set() => Volatile.Read(ref signalled).TrySetResult();

    /// <summary>Returns when signalled, or after the time.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await Volatile.Read(ref signalled).Task.WaitAsync(atMost, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return;
        }

        Volatile.Write(ref signalled, New());
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
