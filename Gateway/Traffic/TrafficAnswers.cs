using Microsoft.Extensions.Options;
using Sluice.Contracts.Traffic;

namespace Sluice.Gateway.Traffic;

/// <summary>
/// Answers about traffic, each read once for all who ask within a while, one after another: anybody may ask, so asking must cost PostgreSQL
/// little. Thread-safe.
/// </summary>
internal sealed class TrafficAnswers(TrafficReader reader, IOptions<TrafficOptions> options, TimeProvider time) : IDisposable
{
    private const int MostWindows = 32;

    /// <summary>Parts of a window that an answer may be old.</summary>
    private const int Freshness = 3600;

    private static readonly TimeSpan oldest = TimeSpan.FromMinutes(1);

    private readonly Lock sync = new();
    private readonly SemaphoreSlim turn = new(1);
    private readonly Dictionary<TrafficWindow, (Task<TrafficSnapshot> Answer, long AskedAt)> answers = [];

    /// <exception cref="Npgsql.NpgsqlException">PostgreSQL doesn't answer.</exception>
    public Task<TrafficSnapshot> GetAsync(TrafficWindow window, CancellationToken cancellationToken)
    {
        lock (sync)
        {
            foreach (var (stale, _) in answers.Where(known => !IsFresh(known.Key, known.Value)).ToList())
                answers.Remove(stale);
            if (!answers.TryGetValue(window, out var known))
            {
                if (answers.Count >= MostWindows)
                    answers.Remove(answers.MinBy(answer => answer.Value.AskedAt).Key);
                answers[window] = known = (ReadAsync(window), time.GetTimestamp());
            }

            return known.Answer.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => turn.Dispose();

    private bool IsFresh(TrafficWindow window, (Task<TrafficSnapshot> Answer, long AskedAt) known)
    {
        var life = TimeSpan.FromTicks(Math.Clamp(window.Length.Ticks / Freshness, Math.Min(options.Value.Interval.Ticks, oldest.Ticks), oldest.Ticks));
        return !known.Answer.IsCompleted || time.GetElapsedTime(known.AskedAt) < life;
    }

    private async Task<TrafficSnapshot> ReadAsync(TrafficWindow window)
    {
        await turn.WaitAsync();
        try
        {
            return await reader.ReadAsync(window, CancellationToken.None);
        }
        finally
        {
            turn.Release();
        }
    }
}
