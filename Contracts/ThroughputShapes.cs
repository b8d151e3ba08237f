namespace Sluice.Contracts;

/// <summary>How an import came along, and how fast its source's limits would have let it.</summary>
/// <param name="Seconds">From the start to the end, or to now while it runs.</param>
/// <param name="Requests">Requests whose outcome is on record, as they added up; items that failed count at their last failure.</param>
/// <param name="Limit">The most that the limits allow, as steps: from each one's seconds on, so many requests may have been sent. Empty where there are none.</param>
public sealed record ImportThroughput(double Seconds, IReadOnlyList<ThroughputPoint> Requests, IReadOnlyList<ThroughputPoint> Limit);

/// <param name="Seconds">Since the start.</param>
/// <param name="Requests">Since the start.</param>
public sealed record ThroughputPoint(double Seconds, long Requests);

/// <summary>A source that imports or backfills can be started of.</summary>
/// <param name="Kind"><c>items</c> for imports, <c>days</c> for backfills.</param>
/// <param name="Limits">What its pacing comes to; none where nobody knows.</param>
public sealed record SourceShape(string Name, string Kind, IReadOnlyList<SourceLimit> Limits);

/// <param name="Permits">Requests per window.</param>
/// <param name="WindowSeconds">The window's length.</param>
public sealed record SourceLimit(long Permits, double WindowSeconds);
