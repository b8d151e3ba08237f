namespace Sluice.Contracts;

/// <summary>Fetch a day of a backfill, from its checkpoint. <paramref name="FailureCount"/> is how often it had failed when this was sent: another count means it is out of date.</summary>
public sealed record FetchDay(Guid BackfillId, DateOnly Date, int FailureCount);
