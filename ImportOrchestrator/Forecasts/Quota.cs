namespace Sluice.ImportOrchestrator.Forecasts;

/// <summary>A quota of an account, and what of it is used.</summary>
/// <param name="Period">The word for it: day, month.</param>
/// <param name="Used">Requests of this period.</param>
/// <param name="ResetsIn">From now to the next period.</param>
/// <param name="Length">Of the periods after that.</param>
internal sealed record Quota(string Period, long Limit, long Used, TimeSpan ResetsIn, TimeSpan Length);
