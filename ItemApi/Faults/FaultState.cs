namespace Sluice.ItemApi.Faults;

/// <summary>The faults in force, of this process alone: none until somebody sets some. Thread-safe.</summary>
internal sealed class FaultState(TimeProvider time)
{
    private volatile InForce? inForce;

    public FaultReport Report => inForce is { } current ? current.Report() : new FaultReport(null, 0, 0, 0);

    public void Set(FaultSettings settings) => inForce = new InForce(new FaultPlan(settings, time));

    public void Clear() => inForce = null;

    public Fate FateOf(HttpRequest request) => inForce?.FateOf(request) ?? Fate.None;

    private sealed class InForce(FaultPlan plan)
    {
        private long requests;
        private long failed;
        private long dropped;

        public Fate FateOf(HttpRequest request)
        {
            var fate = plan.Of(request);
            Interlocked.Increment(ref requests);
            if (fate.Status is not null)
                Interlocked.Increment(ref failed);
            if (fate.IsDropped)
                Interlocked.Increment(ref dropped);
            return fate;
        }

        public FaultReport Report() => new(plan.Settings, Interlocked.Read(ref requests), Interlocked.Read(ref failed), Interlocked.Read(ref dropped));
    }
}

/// <summary>The faults in force, null: none. And what has come of them: requests that were met, answered with a fault, cut off.</summary>
public sealed record FaultReport(FaultSettings? Settings, long Requests, long Failed, long Dropped);
