using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Sluice.Sources.Records;

/// <summary>Activities and metrics of imports.</summary>
public static class ImportTelemetry
{
    public static ActivitySource Activities { get; } = new("Sluice.Imports");

    private static readonly Meter Meter = new("Sluice.Imports");

    private static readonly Counter<long> Attempts =
        Meter.CreateCounter<long>("sluice.import.attempts", "{attempt}", "Attempts at an item or a page, by source and outcome");

    private static readonly Counter<double> Sleep =
        Meter.CreateCounter<double>("sluice.import.sleep", "s", "Time that requests of this process waited for a source's limits, by cause");

    public static void CountAttempt(string source, string kind, string outcome) =>
        Attempts.Add(1, new("source", source), new("kind", kind), new("outcome", outcome));

    public static void CountSleep(string cause, TimeSpan length) => Sleep.Add(length.TotalSeconds, new KeyValuePair<string, object?>("cause", cause));
}
