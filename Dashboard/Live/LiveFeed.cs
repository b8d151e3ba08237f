using Sluice.Dashboard.Gateway;

namespace Sluice.Dashboard.Live;

/// <summary>
/// Values that people watch: each is read once per interval for all who watch it, and not at all while nobody does. Thread-safe.
/// </summary>
/// <param name="read">Reads the value of a key; what goes wrong is a <see cref="GatewayException"/>.</param>
/// <param name="interval">From the end of one reading to the next.</param>
/// <param name="time">The clock.</param>
public sealed class LiveFeed<TKey, T>(Func<TKey, CancellationToken, Task<T>> read, TimeSpan interval, TimeProvider time) : IAsyncDisposable
    where TKey : notnull
    where T : class
{
    /// <summary>How long a value is kept up to date that nobody watches any more: a page is rendered once by itself, then by its circuit.</summary>
    private static readonly TimeSpan linger = TimeSpan.FromSeconds(5);

    private readonly Lock sync = new();
    private readonly Dictionary<TKey, LiveReading<T>> readings = [];
    private bool isDisposed;

    /// <summary>How many values are being read.</summary>
    internal int Count
    {
        get
        {
            lock (sync)
                return readings.Count;
        }
    }

    /// <summary>Watches a value until the watch is disposed of.</summary>
    /// <param name="key">Which value.</param>
    /// <param name="changed">Is called after each reading, by any thread.</param>
    public LiveWatch<T> Watch(TKey key, Action changed)
    {
        lock (sync)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (!readings.TryGetValue(key, out var reading))
            {
                readings.Add(key, reading = new LiveReading<T>(cancellationToken => read(key, cancellationToken), interval, time));
                _ = FollowAsync(key, reading);
            }

            return reading.Join(changed);
        }
    }

    public async ValueTask DisposeAsync()
    {
        LiveReading<T>[] left;
        lock (sync)
        {
            isDisposed = true;
            left = [.. readings.Values];
            readings.Clear();
        }

        foreach (var reading in left)
            await reading.DisposeAsync();
    }

    private async Task FollowAsync(TKey key, LiveReading<T> reading)
    {
        await Task.Yield();
        while (await reading.ReadAsync() && !IsOver(key, reading))
            await reading.PauseAsync();
    }

    private bool IsOver(TKey key, LiveReading<T> reading)
    {
        lock (sync)
            return reading.IsUnwatchedFor(linger) && readings.Remove(key);
    }
}
