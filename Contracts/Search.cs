namespace Sluice.Contracts;

/// <summary>One page of what a search found, the best first.</summary>
/// <param name="Query">What was searched for, without the white space around it.</param>
public sealed record SearchPage(IReadOnlyList<ItemDetail> Data, string Query, long Page, int PerPage, long Total, long TotalPages);
