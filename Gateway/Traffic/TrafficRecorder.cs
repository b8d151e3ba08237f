using System.Numerics;
using Microsoft.Extensions.Options;
using Sluice.Gateway.Limits;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Traffic;

/// <summary>Counts decisions while requests run: no lock, no allocation, one set of counts for each processor. Thread-safe.</summary>
internal sealed class TrafficRecorder
{
    private const int MostStripes = 16;

    private readonly TrafficStripe[] stripes = [.. Enumerable
        .Range(0, Math.Min(MostStripes, (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount)))
        .Select(_ => new TrafficStripe())];

    private readonly Lock taking = new();
    private readonly TrafficOptions options;
    private readonly TimeProvider time;
    private DateTimeOffset takenUntil;

    public TrafficRecorder(IOptions<TrafficOptions> options, TimeProvider time)
    {
        (this.options, this.time) = (options.Value, time);
        takenUntil = time.GetUtcNow();
    }

    private TrafficStripe Mine => stripes[Thread.GetCurrentProcessorId() & (stripes.Length - 1)];

    /// <param name="route">The route's name.</param>
    /// <param name="terms">The policy as it holds for the client.</param>
    /// <param name="client">The client's name.</param>
    /// <param name="decision">What was decided.</param>
    public void Record(string route, LimitedPolicy.Terms terms, string client, in RateLimitDecision decision)
    {
        if (options.Enabled)
            Mine.Count(new(route, terms, client), Outcomes.Of(decision), decision.BindingTier);
    }

    /// <param name="route">The route's name.</param>
    /// <param name="latency">From the request's arrival to the beginning of its answer.</param>
    public void RecordLatency(string route, TimeSpan latency)
    {
        if (options.Enabled)
            Mine.CountLatency(route, latency);
    }

    /// <summary>Takes what was counted since this was called last.</summary>
    public TrafficBatch Take()
    {
        var rows = new Dictionary<RowKey, Tally>();
        var latencies = new Dictionary<LatencyKey, long>();
        lock (taking)
        {
            var from = takenUntil;
            takenUntil = time.GetUtcNow();
            foreach (var stripe in stripes)
                stripe.TakeInto(rows, latencies);
            var second = new DateTimeOffset(from.UtcTicks - (from.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
            return new(second, takenUntil, BusiestClients.Keep(rows, options.Clients), latencies);
        }
    }
}
