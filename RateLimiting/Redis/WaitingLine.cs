namespace Sluice.RateLimiting.Redis;

/// <summary>The callers of one key who wait in this process. Thread-safe.</summary>
internal sealed class WaitingLine
{
    private readonly Lock sync = new();
    private readonly LinkedList<TaskCompletionSource> turns = new();
    private int count;
    private int slots;

    public bool IsEmpty => Volatile.Read(ref count) == 0;

    /// <returns>False where so many wait already.</returns>
    public bool TryEnter(int limit)
    {
        if (Interlocked.Increment(ref count) <= limit)
            return true;
        Leave();
        return false;
    }

    /// <returns>How many slots its callers have been given.</returns>
    public int CountSlot() => Interlocked.Increment(ref slots);

    public void Leave() => Interlocked.Decrement(ref count);

    /// <summary>Waits until those who came before have passed their turns on.</summary>
    /// <exception cref="OperationCanceledException">The caller has given up; the turn goes to the next.</exception>
    public async Task TakeTurnAsync(CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (sync)
        {
            turns.AddLast(turn);
            if (turns.First!.Value == turn)
                turn.SetResult();
        }

        try
        {
            await turn.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            PassTurn(turn);
            throw;
        }
    }

    public void PassTurn()
    {
        lock (sync)
            PassTurn(turns.First!.Value);
    }

    private void PassTurn(TaskCompletionSource turn)
    {
        lock (sync)
        {
            turns.Remove(turn);
            turns.First?.Value.TrySetResult();
        }
    }
}
