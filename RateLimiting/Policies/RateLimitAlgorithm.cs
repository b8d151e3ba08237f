namespace Sluice.RateLimiting;

/// <summary>How a tier counts. All are exact to the microsecond of one clock, and none drifts: fractions of a unit are kept as such.</summary>
public enum RateLimitAlgorithm
{
    /// <summary>
    /// The exact sliding window log: at any moment the units granted in the window behind it are at most the tier's permits.
    /// Redis keeps one entry per charge, never more entries than permits.
    /// </summary>
    SlidingWindow,

    /// <summary>
    /// The token bucket (Turner 1986): holds up to <see cref="TierOptions.Burst"/> tokens, gains <see cref="TierOptions.Permits"/> per
    /// window at a steady rate, and a unit takes one token.
    /// </summary>
    TokenBucket,

    /// <summary>
    /// The leaky bucket as a meter (Turner 1986; ITU-T I.371): each unit adds to a level that drains at a constant rate of
    /// <see cref="TierOptions.Permits"/> per window and may not rise above <see cref="TierOptions.Burst"/>.
    /// </summary>
    LeakyBucket,

    /// <summary>
    /// The sliding window counter: two fixed windows, of which the older one counts by the part of it that the sliding window still
    /// covers. An approximation that takes the older window's units as evenly spread; two numbers per key.
    /// </summary>
    SlidingWindowCounter,

    /// <summary>
    /// The fixed window: up to <see cref="TierOptions.Permits"/> units in each window; windows are counted from the Unix epoch, so that one
    /// of a day is a day in UTC. Twice the permits may pass around the change of windows.
    /// </summary>
    FixedWindow,

    /// <summary>
    /// The generic cell rate algorithm (ITU-T I.371, virtual scheduling): one unit per <c>Window / Permits</c>, and up to
    /// <see cref="TierOptions.Burst"/> of them ahead of the theoretical arrival time; 1 spaces units evenly.
    /// </summary>
    Gcra,

    /// <summary>
    /// At most <see cref="TierOptions.Permits"/> units in use at once. A granted call holds a lease, which it returns; one that is
    /// not renewed, because its holder has died, ends after the window.
    /// </summary>
    Concurrency,
}
