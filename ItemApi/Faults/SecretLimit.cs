namespace Sluice.ItemApi.Faults;

/// <summary>An exact sliding window over arrivals. Thread-safe.</summary>
internal sealed class SecretLimit(SecretLimitSettings settings, TimeProvider time)
{
    private readonly TimeSpan window = TimeSpan.FromMilliseconds(settings.WindowMilliseconds);
    private readonly Lock sync = new();
    private readonly Queue<long> arrivals = new();

    /// <returns>Null where the request is within the limit, and counts; else how long until there is room.</returns>
    public TimeSpan? Enter()
    {
        lock (sync)
        {
            var now = time.GetTimestamp();
            while (arrivals.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) >= window)
                arrivals.Dequeue();
            if (arrivals.Count >= settings.Permits)
                return window - time.GetElapsedTime(arrivals.Peek(), now);
            arrivals.Enqueue(now);
            return null;
        }
    }
}
