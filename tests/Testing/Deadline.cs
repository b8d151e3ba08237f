namespace Sluice.Testing;

/// <summary>Ends a wait that would never end: a test that hangs is a test that fails, with a word about what it waited for.</summary>
public static class Deadline
{
    /// <summary>Generous: the machine may be busy, and a passing test never waits for it.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>A token that is cancelled after the deadline. Default: what first starts take, which may install servers and a browser.</summary>
    public static CancellationToken Token(TimeSpan? deadline = null) =>
        new CancellationTokenSource(deadline ?? TimeSpan.FromMinutes(10)).Token;

    /// <summary>Waits until the condition holds, for what can only be asked (a row, another process), not signalled.</summary>
    /// <exception cref="TimeoutException">It did not hold within the deadline; the message holds <paramref name="what"/>.</exception>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(deadline ?? Default);
        using var timer = new PeriodicTimer(Interval);
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(timeout.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"Not within {deadline ?? Default}: {what}");
            }
        }
    }

    /// <summary>Awaits the task, within the deadline.</summary>
    public static Task<T> Within<T>(this Task<T> task, TimeSpan? deadline = null) => task.WaitAsync(deadline ?? Default);

    /// <inheritdoc cref="Within{T}"/>
    public static Task Within(this Task task, TimeSpan? deadline = null) => task.WaitAsync(deadline ?? Default);
}
