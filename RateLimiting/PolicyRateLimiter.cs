namespace Sluice.RateLimiting;

/// <summary>
/// Limits calls by policies: <see cref="RedisRateLimiter"/> for all processes that share a Redis, <see cref="LocalRateLimiter"/> for one process.
/// Both count alike. Every tier of a policy is charged or none. Thread-safe.
/// </summary>
public abstract class PolicyRateLimiter
{
    private readonly RateLimitPolicies policies;

    private protected PolicyRateLimiter(RateLimitPolicies policies) => this.policies = policies;

    /// <summary>The policies in force at this moment.</summary>
    public IReadOnlyCollection<RateLimitPolicy> Policies => policies.Current.Values;

    /// <summary>The policy of a name, whose case doesn't matter; null where there is none.</summary>
    public RateLimitPolicy? FindPolicy(string name) => policies.Current.GetValueOrDefault(name);

    /// <inheritdoc cref="FindPolicy"/>
    /// <exception cref="ArgumentException">There is none.</exception>
    public RateLimitPolicy GetPolicy(string name) => FindPolicy(name)
        ?? throw new ArgumentException($"There is no policy '{name}'. There are: {string.Join(", ", policies.Current.Keys.Order(StringComparer.Ordinal))}.", nameof(name));

    /// <summary>
    /// Asks once whether a call may proceed, and charges it if so; doesn't wait for permits. The policy's override for a name that equals
    /// the partition is used, see <see cref="RateLimitPolicy.For"/>.
    /// </summary>
    /// <param name="policy">The policy's name.</param>
    /// <param name="partition">Who is counted; any text.</param>
    /// <param name="permits">At least 1; each takes the policy's <see cref="PolicyOptions.Cost"/> from every tier.</param>
    /// <param name="cancellationToken">Checked before anything is charged. A call under way is not given up: its answer is near.</param>
    /// <returns>The decision. Where the policy <see cref="RateLimitPolicy.HasLeases"/>, dispose of a granted one to return its lease.</returns>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one permit, or more than the smallest tier ever has.</exception>
    public ValueTask<RateLimitDecision> AcquireAsync(string policy, string partition, int permits = 1, CancellationToken cancellationToken = default) =>
        AcquireAsync(GetPolicy(policy).For(partition), partition, permits, cancellationToken);

    /// <inheritdoc cref="AcquireAsync(string, string, int, CancellationToken)"/>
    /// <param name="policy">The policy, or an override of it.</param>
    /// <param name="partition">Who is counted; any text.</param>
    /// <param name="permits">At least 1; each takes the policy's <see cref="PolicyOptions.Cost"/> from every tier.</param>
    /// <param name="cancellationToken">Checked before anything is charged.</param>
    public ValueTask<RateLimitDecision> AcquireAsync(RateLimitPolicy policy, string partition, int permits = 1, CancellationToken cancellationToken = default)
    {
        var units = UnitsOf(policy, partition, permits);
        cancellationToken.ThrowIfCancellationRequested();
        return policy.IsUnlimited ? new(RateLimitDecision.Unlimited(policy)) : AcquireUnitsAsync(policy, partition, units);
    }

    /// <summary>
    /// Waits for its turn: the call gets the next slot that all tiers have, first come first served, and returns when the slot has come.
    /// Nobody who comes later overtakes it. A slot further away than the policy's <see cref="PolicyOptions.MaxWait"/>, or a place behind
    /// <see cref="PolicyOptions.QueueLimit"/> others, is refused at once.
    /// </summary>
    /// <param name="policy">The policy's name.</param>
    /// <param name="partition">Who is counted; any text.</param>
    /// <param name="permits">At least 1; each takes the policy's <see cref="PolicyOptions.Cost"/> from every tier.</param>
    /// <param name="cancellationToken">Gives the place up; the slot goes back.</param>
    /// <returns>The decision; see <see cref="AcquireAsync(string, string, int, CancellationToken)"/>.</returns>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one permit, or more than the smallest tier ever has.</exception>
    /// <exception cref="OperationCanceledException">The caller has given up.</exception>
    public ValueTask<RateLimitDecision> WaitAsync(string policy, string partition, int permits = 1, CancellationToken cancellationToken = default) =>
        WaitAsync(GetPolicy(policy).For(partition), partition, permits, cancellationToken);

    /// <inheritdoc cref="WaitAsync(string, string, int, CancellationToken)"/>
    /// <param name="policy">The policy, or an override of it.</param>
    /// <param name="partition">Who is counted; any text.</param>
    /// <param name="permits">At least 1; each takes the policy's <see cref="PolicyOptions.Cost"/> from every tier.</param>
    /// <param name="cancellationToken">Gives the place up; the slot goes back.</param>
    public ValueTask<RateLimitDecision> WaitAsync(RateLimitPolicy policy, string partition, int permits = 1, CancellationToken cancellationToken = default)
    {
        var units = UnitsOf(policy, partition, permits);
        cancellationToken.ThrowIfCancellationRequested();
        return policy.IsUnlimited ? new(RateLimitDecision.Unlimited(policy)) : WaitForUnitsAsync(policy, partition, units, cancellationToken);
    }

    /// <summary>What a call would be told now: the state of every tier, and when the call would be granted. Charges nothing.</summary>
    /// <param name="policy">The policy's name.</param>
    /// <param name="partition">Who is counted; any text.</param>
    /// <param name="permits">Of the call that isn't made: at least 1.</param>
    /// <param name="cancellationToken">Checked before the question is asked.</param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one permit, or more than the smallest tier ever has.</exception>
    public ValueTask<RateLimitDecision> PeekAsync(string policy, string partition, int permits = 1, CancellationToken cancellationToken = default) =>
        PeekAsync(GetPolicy(policy).For(partition), partition, permits, cancellationToken);

    /// <inheritdoc cref="PeekAsync(string, string, int, CancellationToken)"/>
    /// <param name="policy">The policy, or an override of it.</param>
    /// <param name="partition">Who is counted; any text.</param>
    /// <param name="permits">Of the call that isn't made: at least 1.</param>
    /// <param name="cancellationToken">Checked before the question is asked.</param>
    public ValueTask<RateLimitDecision> PeekAsync(RateLimitPolicy policy, string partition, int permits = 1, CancellationToken cancellationToken = default)
    {
        var units = UnitsOf(policy, partition, permits);
        cancellationToken.ThrowIfCancellationRequested();
        return policy.IsUnlimited ? new(RateLimitDecision.Unlimited(policy)) : PeekUnitsAsync(policy, partition, units);
    }

    /// <summary>
    /// Forgets what the partition has used; leases that are held end. Other processes see it within a second.
    /// </summary>
    /// <param name="policy">The policy's name.</param>
    /// <param name="partition">Whose state goes.</param>
    /// <param name="cancellationToken">Checked before anything is forgotten.</param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    /// <exception cref="RateLimitStoreException">Redis is away: nothing is known to be forgotten.</exception>
    public ValueTask ResetAsync(string policy, string partition, CancellationToken cancellationToken = default) =>
        ResetAsync(GetPolicy(policy).For(partition), partition, cancellationToken);

    /// <inheritdoc cref="ResetAsync(string, string, CancellationToken)"/>
    /// <param name="policy">The policy, or an override of it.</param>
    /// <param name="partition">Whose state goes.</param>
    /// <param name="cancellationToken">Checked before anything is forgotten.</param>
    public ValueTask ResetAsync(RateLimitPolicy policy, string partition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(partition);
        cancellationToken.ThrowIfCancellationRequested();
        return policy.IsUnlimited ? ValueTask.CompletedTask : ForgetAsync(policy, partition);
    }

    private protected abstract ValueTask<RateLimitDecision> AcquireUnitsAsync(RateLimitPolicy policy, string partition, int units);

    private protected abstract ValueTask<RateLimitDecision> WaitForUnitsAsync(
        RateLimitPolicy policy, string partition, int units, CancellationToken cancellationToken);

    private protected abstract ValueTask<RateLimitDecision> PeekUnitsAsync(RateLimitPolicy policy, string partition, int units);

    private protected abstract ValueTask ForgetAsync(RateLimitPolicy policy, string partition);

    private static int UnitsOf(RateLimitPolicy policy, string partition, int permits)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(partition);
        ArgumentOutOfRangeException.ThrowIfLessThan(permits, 1);
        var units = (long)permits * policy.Cost;
        return units <= policy.Capacity
            ? (int)units
            : throw new ArgumentOutOfRangeException(nameof(permits), permits,
                $"{permits} permits of policy '{policy.Name}' cost {units} units; its smallest tier never has more than {policy.Capacity}.");
    }
}
