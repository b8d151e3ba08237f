namespace Aspire.Dashboard.Telemetry;

internal enum Topic
{
    Resources,
    Traces,
    Logs,
    Metrics,
    Losses,
}

/// <summary>Counts changes by topic, for pages that look now and then whether there is something new. Thread-safe.</summary>
internal sealed class Changes
{
    private readonly long[] versions = new long[Enum.GetValues<Topic>().Length];

    public void Report(Topic topic) => Interlocked.Increment(ref versions[(int)topic]);

    public long VersionOf(IEnumerable<Topic> topics) => topics.Sum(topic => Interlocked.Read(ref versions[(int)topic]));
}
