namespace Aspire.Dashboard.Resources;

/// <summary>What became of the last command. Thread-safe.</summary>
internal sealed class CommandResults(TimeProvider time)
{
    private static readonly TimeSpan shownFor = TimeSpan.FromSeconds(10);
    private volatile Result? last;

    /// <summary>Null where the last one is long ago.</summary>
    public string? Recent => last is { } result && time.GetElapsedTime(result.At) < shownFor ? result.Text : null;

    public void Set(string text) => last = new Result(text, time.GetTimestamp());

    private sealed record Result(string Text, long At);
}
