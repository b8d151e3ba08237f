using System.Globalization;
using Microsoft.Extensions.Options;

namespace Sluice.RateLimiting.Outbound;

/// <summary>Names every fault of a client's options by its configuration path.</summary>
internal sealed class RateLimitedClientOptionsValidator(string client, string path) : IValidateOptions<RateLimitedClientOptions>
{
    private const int MaxLimits = 8;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestQuotaWait = TimeSpan.FromDays(31);
    private static readonly TimeSpan ShortestBreak = TimeSpan.FromMilliseconds(500);

    public ValidateOptionsResult Validate(string? name, RateLimitedClientOptions options)
    {
        if (name != client)
            return ValidateOptionsResult.Skip;
        var faults = Faults(options).Select(fault => $"{path}:{fault}").ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(RateLimitedClientOptions options) =>
        LimitFaults(options).Concat(OtherFaults(options)).Concat(QuotaFaults(options)).Concat(RetryFaults(options.Retry)).Concat(BreakerFaults(options.Breaker));

    private static IEnumerable<string> LimitFaults(RateLimitedClientOptions options)
    {
        var (fewest, most) = options.Pacing switch
        {
            ClientPacing.Windows => (1, MaxLimits),
            ClientPacing.LeakyBucket => (0, 1),
            _ => (0, 0),
        };
        if (options.Limits.Count < fewest || options.Limits.Count > most)
            yield return Invariant($"Limits must be {fewest} to {most} for the pacing {options.Pacing}, not {options.Limits.Count}");
        foreach (var (index, limit) in options.Limits.Index())
            foreach (var fault in WindowLimits.Faults(Invariant($"Limits:{index}"), limit.Permits, limit.Window))
                yield return fault;
        if (options.Burst is < 1 or > 10_000)
            yield return Invariant($"Burst must be 1 to 10,000, not {options.Burst}");
        if (!(options.MaxPerSecond is >= 1 and <= LedgerPace.MaxPerSecond))
            yield return Invariant($"MaxPerSecond must be 1 to {LedgerPace.MaxPerSecond:N0}, not {options.MaxPerSecond}");
        else if (!(options.StartPerSecond >= 1 && options.StartPerSecond <= options.MaxPerSecond))
            yield return Invariant($"StartPerSecond must be 1 to MaxPerSecond, {options.MaxPerSecond}, not {options.StartPerSecond}");
    }

    private static IEnumerable<string> OtherFaults(RateLimitedClientOptions options)
    {
        if (AccountPartition.Fault(options.Partition) is { } fault)
            yield return $"Partition {fault}";
        if (!Enum.IsDefined(options.Mode))
            yield return $"Mode must be {nameof(ClientMode.Wait)} or {nameof(ClientMode.Reject)}, not {options.Mode}";
        if (!Enum.IsDefined(options.Pacing))
            yield return $"Pacing must be one of {string.Join(", ", Enum.GetNames<ClientPacing>())}, not {options.Pacing}";
        if (!Enum.IsDefined(options.OnStoreFailure))
            yield return $"OnStoreFailure must be one of {string.Join(", ", Enum.GetNames<StoreFailure>())}, not {options.OnStoreFailure}";
        if (options.MaxWait < TimeSpan.Zero)
            yield return $"MaxWait must be 0 or more, not {options.MaxWait:c}";
        if (options.Lease < LedgerAccount.MinLease || options.Lease > LedgerAccount.MaxLease)
            yield return $"Lease must be {LedgerAccount.MinLease:c} to {LedgerAccount.MaxLease:c}, not {options.Lease:c}";
        if (options.Instances is < 1 or > 10_000)
            yield return Invariant($"Instances must be 1 to 10,000, not {options.Instances}");
    }

    private static IEnumerable<string> QuotaFaults(RateLimitedClientOptions options)
    {
        foreach (var (index, quota) in options.Quotas.Index())
        {
            if (quota.Permits < 1)
                yield return Invariant($"Quotas:{index}:Permits must be at least 1, not {quota.Permits}");
            if (!Enum.IsDefined(quota.Period))
                yield return Invariant($"Quotas:{index}:Period must be {nameof(QuotaKind.Day)} or {nameof(QuotaKind.Month)}, not {quota.Period}");
            if (!TimeZoneInfo.TryFindSystemTimeZoneById(quota.TimeZone, out _))
                yield return Invariant($"Quotas:{index}:TimeZone must be the name of a time zone, such as UTC or Europe/Berlin, not '{quota.TimeZone}'");
        }

        if (Fault("QuotaWait", options.QuotaWait, TimeSpan.Zero, LongestQuotaWait) is { } fault)
            yield return fault;
    }

    private static IEnumerable<string> RetryFaults(RetryOptions retry)
    {
        if (retry.Attempts is < 1 or > 100)
            yield return Invariant($"Retry:Attempts must be 1 to 100, not {retry.Attempts}");
        if (retry.MaxBodyBytes is < 0 or > 1024 * 1024 * 1024)
            yield return Invariant($"Retry:MaxBodyBytes must be 0 to 1,073,741,824, not {retry.MaxBodyBytes}");
        if (Fault("Retry:BaseDelay", retry.BaseDelay, TimeSpan.Zero, Day) is { } baseDelay)
            yield return baseDelay;
        else if (Fault("Retry:MaxDelay", retry.MaxDelay, retry.BaseDelay, Day) is { } maxDelay)
            yield return maxDelay;
        if (Fault("Retry:Jitter", retry.Jitter, TimeSpan.Zero, Day) is { } jitter)
            yield return jitter;
        if (Fault("Retry:MaxServerDelay", retry.MaxServerDelay, TimeSpan.Zero, Day) is { } serverDelay)
            yield return serverDelay;
    }

    private static IEnumerable<string> BreakerFaults(BreakerOptions breaker)
    {
        if (!(breaker.FailureRatio is > 0 and <= 1))
            yield return Invariant($"Breaker:FailureRatio must be above 0 and at most 1, not {breaker.FailureRatio}");
        if (breaker.MinimumThroughput is < 2 or > 1_000_000)
            yield return Invariant($"Breaker:MinimumThroughput must be 2 to 1,000,000, not {breaker.MinimumThroughput}");
        if (Fault("Breaker:SamplingDuration", breaker.SamplingDuration, ShortestBreak, Day) is { } sampling)
            yield return sampling;
        if (Fault("Breaker:BreakDuration", breaker.BreakDuration, ShortestBreak, Day) is { } length)
            yield return length;
    }

    private static string? Fault(string setting, TimeSpan value, TimeSpan shortest, TimeSpan longest) =>
        value >= shortest && value <= longest ? null : $"{setting} must be {shortest:c} to {longest:c}, not {value:c}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
