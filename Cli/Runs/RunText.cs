using Sluice.Cli.Output;
using Sluice.Contracts;

namespace Sluice.Cli.Runs;

/// <summary>An import or a backfill in words.</summary>
internal static class RunText
{
    public static string[] Headings { get; } = ["id", "source", "status", ">imported", ">of", ">failed", ">refusals", "started", ">took"];

    public static string[] RowOf(Run run) =>
    [
        run.Id.ToString(), run.What, run.Status, Words.Count(run.Imported), TotalOf(run), Words.Count(run.Failed),
        Words.Count(run.Hits), Words.Moment(run.StartedAt), Words.Duration(run.DurationSeconds),
    ];

    /// <summary>All that is to be said, below each other.</summary>
    public static IEnumerable<(string Name, string Value)> FactsOf(RunKind kind, Run run)
    {
        yield return (kind.Name, $"{run.Id}");
        yield return ("source", run.What);
        yield return ("status", run.FailureReason is null ? run.Status : $"{run.Status}: {run.FailureReason}");
        yield return ("imported", $"{Words.Count(run.Imported)} of {TotalOf(run)} {kind.Parts}, {Words.Count(run.Failed)} failed, {Words.Count(run.Pending)} pending");
        if (run.Contents is not null)
            yield return ("contents", run.Contents);
        yield return ("started", Words.Moment(run.StartedAt));
        yield return ("took", $"{Words.Duration(run.DurationSeconds)}, {RateOf(kind == RunKind.Import ? kind.Parts : "records", run)}{OptimumOf(run)}");
        yield return ("waited", WaitsOf(run));
        yield return ("refusals", $"{Words.Count(run.Hits)} (429), efficiency {Words.Percent(run.Efficiency)}");
        if (run.EndedAt is null)
            yield return ("forecast", $"{EndOf(run, TimeSpan.Zero)}; {HindranceOf(run)}");
    }

    /// <summary>In one line, without what changes by itself as time goes by.</summary>
    public static string LineOf(RunKind kind, Run run)
    {
        var progress = $"{run.Status}  {Words.Count(run.Imported)}/{TotalOf(run)} {kind.Parts}  {Words.Count(run.Failed)} failed  {Words.Count(run.Hits)} refusals";
        return run.EndedAt is not null ? $"{progress}  took {Words.Duration(run.DurationSeconds)}{ReasonOf(run)}" : $"{progress}  {HindranceOf(run)}";
    }

    /// <summary>There is more to come where the list has not been read to its end.</summary>
    public static string TotalOf(Run run) => Words.Count(run.Total) + (run.IsAllKnown ? "" : "+");

    /// <param name="what">Which things come at that rate.</param>
    public static string RateOf(string what, Run run) => FormattableString.Invariant($"{run.PerSecond:0.0} {what}/s");

    /// <param name="since">How long ago it stood so.</param>
    public static string EndOf(Run run, TimeSpan since) => run.Forecast switch
    {
        null => "has ended",
        { RemainingSeconds: null } => "no end in sight",
        { IsAtLeast: true } forecast => $"ends in {Words.Duration(forecast.RemainingSeconds.Value - since.TotalSeconds)} at the least",
        var forecast => $"ends in about {Words.Duration(forecast.RemainingSeconds.Value - since.TotalSeconds)}",
    };

    /// <summary>What it waits for now.</summary>
    public static string HindranceOf(Run run) => run switch
    {
        { Status: ImportStatus.Paused, ResumesAt: { } until } => $"paused until {Words.Moment(until)}: {run.PauseReason ?? run.PauseCause}",
        { Status: ImportStatus.Paused } => $"paused: {run.PauseReason ?? run.PauseCause}",
        { Forecast: { Constraint: not "none" } forecast } => $"waits for {forecast.Constraint}: {forecast.Reason}",
        _ => "waits for nothing",
    };

    private static string ReasonOf(Run run) => run.FailureReason is null ? "" : $"  {run.FailureReason}";

    private static string OptimumOf(Run run) => run.OptimumShare is { } share
        ? $", {Words.Percent(share)} of the optimum ({Words.Duration(run.TheoreticalSeconds ?? 0)})"
        : "";

    private static string WaitsOf(Run run) => run.Waits.Count == 0
        ? "never"
        : $"{Words.Duration(run.Waits.Sum(wait => wait.Seconds))}: " + string.Join(", ", run.Waits.Select(wait => $"{wait.Cause} {Words.Duration(wait.Seconds)}"));
}
