namespace Sluice.Contracts;

/// <summary>Fetch the page after <paramref name="PagesDone"/> pages of an import's list. Dropped when the import is past it.</summary>
public sealed record DiscoverImport(Guid ImportId, int PagesDone);

/// <summary>Fetch one item's detail. <paramref name="FailureCount"/> is how often it had failed when this was sent: another count means it is out of date.</summary>
public sealed record FetchItemDetail(Guid ImportId, string ExternalId, int FailureCount);
