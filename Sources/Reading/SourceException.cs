namespace Sluice.Sources.Reading;

/// <summary>What a fault at a source means for the work.</summary>
public enum SourceFault
{
    /// <summary>A failed attempt; another one may succeed.</summary>
    Attempt,

    /// <summary>A failed attempt that every other one would repeat.</summary>
    Permanent,

    /// <summary>The source answered 429: its limits refused, the request itself didn't fail.</summary>
    Refusal,

    /// <summary>No permit came in time, so that nothing was sent.</summary>
    Postponed,

    /// <summary>The source's quota is used up, so that nothing was sent: see <see cref="SourceException.ResetsAt"/>.</summary>
    Quota,
}

/// <summary>No answer that can be used, with the reason that is put on record.</summary>
public sealed class SourceException(SourceFault fault, string reason, Exception? cause = null) : Exception(reason, cause)
{
    public SourceFault Fault { get; } = fault;

    /// <summary>How long the source asked to be left alone, where it said so; how long until the quota begins anew.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>When the quota begins anew, where that is what there is to wait for.</summary>
    public DateTimeOffset? ResetsAt { get; init; }
}
