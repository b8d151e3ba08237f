using System.Globalization;

namespace Sluice.ItemApi.Faults;

/// <summary>Names every fault of the settings by field.</summary>
internal static class FaultsCheck
{
    private const int MostMilliseconds = 60_000;
    private const int MostSeconds = 86_400;
    private const int MostPermits = 100_000;
    private const int MostFailingIds = 10_000;

    public static Dictionary<string, string[]> FaultsOf(FaultSettings settings)
    {
        Dictionary<string, string[]> faults = [];
        foreach (var (status, share) in settings.Statuses)
        {
            Require(int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 400 and <= 599,
                $"statuses.{status}", "must be a status of 400 to 599.");
            Require(share is >= 0 and <= 1, $"statuses.{status}", "must be a share of 0 to 1.");
        }

        Require(settings.Dropped is >= 0 and <= 1, "dropped", "must be a share of 0 to 1.");
        Require(settings.Statuses.Values.Sum() + settings.Dropped <= 1, "statuses", "and dropped must be 1 at most in all.");
        Require(settings.LatencyMilliseconds is >= 0 and <= MostMilliseconds, "latencyMilliseconds", $"must be 0 to {MostMilliseconds}.");
        Require(settings.JitterMilliseconds is >= 0 and <= MostMilliseconds, "jitterMilliseconds", $"must be 0 to {MostMilliseconds}.");
        Require(settings.RetryAfterSeconds is >= 0 and <= MostSeconds, "retryAfterSeconds", $"must be 0 to {MostSeconds}.");
        Require(settings.FailingIds.Count <= MostFailingIds, "failingIds", $"must be at most {MostFailingIds}.");
        if (settings.SecretLimit is { } limit)
        {
            Require(limit.Permits is >= 1 and <= MostPermits, "secretLimit.permits", $"must be 1 to {MostPermits}.");
            Require(limit.WindowMilliseconds is >= 1 and <= MostSeconds * 1000, "secretLimit.windowMilliseconds", $"must be 1 to {MostSeconds * 1000}.");
        }

        return faults;

        void Require(bool met, string field, string rule)
        {
            if (!met)
                faults[field] = [$"{field} {rule}"];
        }
    }
}
