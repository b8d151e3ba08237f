using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Primitives;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>
/// The headers of a policy's answers: <c>X-RateLimit-*</c> for the tier that binds, and the fields of
/// draft-ietf-httpapi-ratelimit-headers-11 for every tier. What does not change from request to request is made once.
/// </summary>
internal sealed class PolicyHeaders(RateLimitPolicy policy)
{
    private const string Limit = "X-RateLimit-Limit";
    private const string Remaining = "X-RateLimit-Remaining";
    private const string Reset = "X-RateLimit-Reset";
    private const string Strategy = "X-RateLimit-Strategy";
    private const string DraftPolicy = "RateLimit-Policy";
    private const string DraftState = "RateLimit";

    private readonly StringValues draftPolicy = string.Join(", ", policy.Tiers.Select(DraftOf));

    private readonly TierTexts[] tiers = [.. policy.Tiers.Select(tier => new TierTexts(
        tier, $"\"{tier.Name}\";r=", tier.Capacity.ToString(CultureInfo.InvariantCulture), tier.Algorithm.ToString(),
        HasReset: tier.Algorithm != RateLimitAlgorithm.Concurrency))];

    private sealed record TierTexts(RateLimitTier Tier, string DraftStart, StringValues Limit, StringValues Strategy, bool HasReset);

    public void Write(IHeaderDictionary headers, in RateLimitDecision decision, DateTimeOffset decidedAt)
    {
        if (decision.BindingTier is not { } binding)
            return;

        var texts = Array.Find(tiers, candidate => ReferenceEquals(candidate.Tier, binding.Tier))!;
        headers[Limit] = texts.Limit;
        headers[Remaining] = binding.Remaining.ToString(CultureInfo.InvariantCulture);
        headers[Reset] = UnixSeconds(decidedAt + binding.ResetAfter).ToString(CultureInfo.InvariantCulture);
        headers[Strategy] = texts.Strategy;
        headers[DraftPolicy] = draftPolicy;
        headers[DraftState] = StateOf(decision.Tiers);
    }

    private string StateOf(TierStatusList statuses)
    {
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[256]);
        for (var index = 0; index < tiers.Length; index++)
        {
            var status = statuses[index];
            if (index > 0)
                text.AppendLiteral(", ");
            text.AppendLiteral(tiers[index].DraftStart);
            text.AppendFormatted(status.Remaining);
            if (!tiers[index].HasReset)
                continue;
            text.AppendLiteral(";t=");
            text.AppendFormatted(Seconds(status.ResetAfter));
        }

        return text.ToStringAndClear();
    }

    /// <summary>
    /// A tier in the draft's terms: the quota is the most that can be had at once, the window the time in which that much comes back. They are the
    /// tier's permits and window where it has no burst of its own. What is in use at once has no window.
    /// </summary>
    private static string DraftOf(RateLimitTier tier) => tier.Algorithm == RateLimitAlgorithm.Concurrency
        ? string.Create(CultureInfo.InvariantCulture, $"\"{tier.Name}\";q={tier.Capacity};qu=\"concurrent-requests\"")
        : string.Create(CultureInfo.InvariantCulture, $"\"{tier.Name}\";q={tier.Capacity};w={Math.Ceiling(tier.Window.TotalSeconds * tier.Capacity / tier.Permits):0}");

    /// <summary>Whole seconds, rounded up: a caller who waits for them never comes too early.</summary>
    public static long Seconds(TimeSpan time) => (time.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;

    private static long UnixSeconds(DateTimeOffset moment) => Seconds(moment - DateTimeOffset.UnixEpoch);
}
