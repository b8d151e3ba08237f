using System.Diagnostics;

namespace Sluice.Bench.Limiter;

/// <summary>Callers who ask one after another, each the next time as soon as it is answered; measured in several spans of time.</summary>
/// <param name="callers">How many ask at the same time.</param>
internal abstract class Load(int callers)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(0.05);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(0.25);

    private readonly Latencies latencies = new();
    private readonly List<double> rates = [];

    public Task WarmUpAsync() => RunAsync(WarmUp, TimeSpan.Zero);

    public async Task MeasureAsync()
    {
        GC.Collect();
        var own = await RunAsync(Settling, Measured);
        rates.Add(own.Calls / own.Seconds);
        latencies.Add(own.Latencies);
    }

    public Outcome Outcome() => new([.. rates], latencies.Percentile(0.5), latencies.Percentile(0.99));

    private async Task<(long Calls, double Seconds, Latencies Latencies)> RunAsync(TimeSpan settling, TimeSpan measured)
    {
        using var stop = new CancellationTokenSource();
        var isMeasured = new StrongBox();
        var runs = Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(caller, isMeasured, stop.Token))).ToArray();
        await Task.Delay(settling, TimeProvider.System, CancellationToken.None);
        isMeasured.Value = true;
        var started = Stopwatch.GetTimestamp();
        await Task.Delay(measured, TimeProvider.System, CancellationToken.None);
        isMeasured.Value = false;
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await stop.CancelAsync();
        var all = (await Task.WhenAll(runs)).Aggregate(new Latencies(), (sum, own) => sum.Add(own));
        return (all.Calls, seconds, all);
    }

    protected abstract Task<Latencies> CallAsync(int caller, StrongBox isMeasured, CancellationToken stop);

    protected sealed class StrongBox
    {
        private volatile bool value;

        public bool Value
        {
            get => value;
            set => this.value = value;
        }
    }
}

/// <param name="callers">How many ask at the same time.</param>
/// <param name="ask">Asks once; told the caller's number.</param>
internal sealed class Load<T>(int callers, Func<int, ValueTask<T>> ask) : Load(callers)
{
    /// <summary>Every so many calls one is timed: reading the clock twice takes as long as a decision does.</summary>
    private const int Sampled = 16;

    protected override async Task<Latencies> CallAsync(int caller, StrongBox isMeasured, CancellationToken stop)
    {
        var own = new Latencies();
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            if (number % Sampled != 0)
            {
                await ask(caller);
            }
            else
            {
                var asked = Stopwatch.GetTimestamp();
                await ask(caller);
                if (isMeasured.Value)
                    own.Add(Stopwatch.GetTimestamp() - asked);
            }

            if (isMeasured.Value)
                own.Calls++;
            // What is answered at once would otherwise never let the others in.
            if (number % 1000 == 999)
                await Task.Yield();
        }

        return own;
    }
}

/// <param name="Rates">Answers per second, of each span.</param>
/// <param name="Median">Seconds.</param>
/// <param name="P99">Seconds.</param>
internal sealed record Outcome(IReadOnlyList<double> Rates, double Median, double P99)
{
    public double PerSecond => MedianOf(Rates);

    /// <summary>The median of the spans' ratios, each to the span of the other that came next to it.</summary>
    public double Over(Outcome other) => MedianOf(Rates.Zip(other.Rates, (own, others) => own / others));

    private static double MedianOf(IEnumerable<double> numbers) => numbers.Order().ElementAt(numbers.Count() / 2);
}

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
