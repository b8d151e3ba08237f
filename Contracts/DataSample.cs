namespace Sluice.Contracts;

/// <summary>A small answer to try limits with: the server's time, the size of the catalogue and its first items.</summary>
public sealed record DataSample(DateTimeOffset Time, long Items, IReadOnlyList<ItemSummary> Sample);
