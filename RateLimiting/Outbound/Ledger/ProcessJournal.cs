namespace Sluice.RateLimiting.Outbound;

/// <summary>
/// The journal where none is registered: it remembers for as long as the process lives. Thread-safe.
/// </summary>
internal sealed class ProcessJournal(TimeProvider time) : ILedgerJournal
{
    private readonly Lock sync = new();
    private readonly Dictionary<string, long> horizons = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Account, string Period), (long Used, DateTimeOffset End)> uses = [];

    public ValueTask<TimeSpan?> SinceHorizonAsync(string account, CancellationToken cancellationToken = default)
    {
        lock (sync)
            return new(horizons.TryGetValue(account, out var horizon) ? time.GetElapsedTime(horizon) : null);
    }

    public ValueTask ExtendAsync(string account, TimeSpan ahead, CancellationToken cancellationToken = default)
    {
        lock (sync)
            horizons[account] = Math.Max(horizons.GetValueOrDefault(account, long.MinValue), time.GetTimestamp() + (long)(ahead.TotalSeconds * time.TimestampFrequency));
        return ValueTask.CompletedTask;
    }

    public ValueTask<QuotaCharge> ChargeAsync(
        string account, IReadOnlyList<QuotaPeriod> periods, int requests, CancellationToken cancellationToken = default)
    {
        lock (sync)
        {
            foreach (var (key, use) in uses)
                if (use.End.AddDays(1) < time.GetUtcNow())
                    uses.Remove(key);
            var room = periods.Min(period => period.Limit - Used(period));
            var granted = (int)Math.Min(requests, Math.Max(0, room));
            foreach (var period in periods)
                uses[(account, period.Key)] = (Math.Max(0, Used(period) + granted), period.End);
            return new(new QuotaCharge(granted, [.. periods.Select(Used)]));
        }

        long Used(QuotaPeriod period) => uses.GetValueOrDefault((account, period.Key)).Used;
    }
}
