namespace Sluice.RateLimiting.Redis;

/// <summary>
/// Lets callers who were decided together go on, side by side on the thread pool. A thread whose caller is gone takes the next one itself: few of them
/// pay for the pool's queue. But while any are left, one more thread is asked for there: a caller who holds its thread holds up nobody else.
/// </summary>
internal sealed class Answers(Call[] calls) : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int next;
    private bool isQueued;

    /// <returns>Ends when all are on their way; on the thread pool, behind what they do there.</returns>
    public Task GiveAsync()
    {
        Queue();
        return taken.Task;
    }

    public void Execute()
    {
        Volatile.Write(ref isQueued, false);
        int number;
        while ((number = Interlocked.Increment(ref next) - 1) < calls.Length)
        {
            if (number == calls.Length - 1)
                taken.SetResult();
            else if (!Volatile.Read(ref isQueued))
                Queue();
            calls[number].Answer();
        }
    }

    // Two may do so at once: the second thread finds what the first one left, or nothing.
    private void Queue()
    {
        Volatile.Write(ref isQueued, true);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
