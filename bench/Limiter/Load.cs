using System.Diagnostics;

namespace Sluice.Bench.Limiter;

/// <summary>Callers who ask one after another, each the next time as soon as it is answered.</summary>
internal static class Load
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(2);

    /// <summary>Every so many calls one is timed: reading the clock twice takes as long as a decision does.</summary>
    private const int Sampled = 16;

    /// <param name="callers">How many ask at the same time.</param>
    /// <param name="ask">Asks once; told the caller's number and how often it has asked.</param>
    public static async Task<Outcome> RunAsync<T>(int callers, Func<int, int, ValueTask<T>> ask)
    {
        using var stop = new CancellationTokenSource();
        var isMeasured = new StrongBox();
        var runs = Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(caller, ask, isMeasured, stop.Token))).ToArray();
        await Task.Delay(WarmUp, TimeProvider.System, CancellationToken.None);
        GC.Collect();
        isMeasured.Value = true;
        var started = Stopwatch.GetTimestamp();
        await Task.Delay(Measured, TimeProvider.System, CancellationToken.None);
        isMeasured.Value = false;
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await stop.CancelAsync();
        var latencies = (await Task.WhenAll(runs)).Aggregate(new Latencies(), (all, own) => all.Add(own));
        return new Outcome(latencies.Calls / seconds, latencies.Percentile(0.5), latencies.Percentile(0.99));
    }

    private static async Task<Latencies> CallAsync<T>(int caller, Func<int, int, ValueTask<T>> ask, StrongBox isMeasured, CancellationToken stop)
    {
        var latencies = new Latencies();
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            if (number % Sampled != 0)
            {
                await ask(caller, number);
            }
            else
            {
                var asked = Stopwatch.GetTimestamp();
                await ask(caller, number);
                if (isMeasured.Value)
                    latencies.Add(Stopwatch.GetTimestamp() - asked);
            }

            if (isMeasured.Value)
                latencies.Calls++;
            // What is answered at once would otherwise never let the others in.
            if (number % 1000 == 999)
                await Task.Yield();
        }

        return latencies;
    }

    private sealed class StrongBox
    {
        private volatile bool value;

        public bool Value
        {
            get => value;
            set => this.value = value;
        }
    }
}

/// <param name="PerSecond">Answers per second.</param>
/// <param name="Median">Seconds.</param>
/// <param name="P99">Seconds.</param>
internal sealed record Outcome(double PerSecond, double Median, double P99);

/// <summary>A histogram of times in steps of about 3 %.</summary>
internal sealed class Latencies
{
    private const int StepsPerOctave = 24;

    private readonly int[] counts = new int[64 * StepsPerOctave];
    private long timed;

    /// <summary>All, also those that were not timed.</summary>
    public long Calls { get; set; }

    public void Add(long ticks)
    {
        counts[(int)(Math.Log2(Math.Max(1, ticks)) * StepsPerOctave)]++;
        timed++;
    }

    public Latencies Add(Latencies other)
    {
        for (var step = 0; step < counts.Length; step++)
            counts[step] += other.counts[step];
        timed += other.timed;
        Calls += other.Calls;
        return this;
    }

    public double Percentile(double share)
    {
        long seen = 0;
        for (var step = 0; step < counts.Length; step++)
        {
            seen += counts[step];
            if (seen >= share * timed)
                return Math.Pow(2, (step + 1.0) / StepsPerOctave) / Stopwatch.Frequency;
        }

        return 0;
    }
}
