namespace Sluice.RateLimiting;

/// <summary>
/// Limits accounts, as a service asks for it: may it, when may it, how much has it used. A view of one policy of a limiter, by default
/// <see cref="DefaultPolicy"/>, a leaky bucket of 60 per minute. Thread-safe.
/// </summary>
/// <param name="limiter">Decides.</param>
/// <param name="policy">The policy whose partitions are the accounts.</param>
public sealed class AccountRateLimiter(PolicyRateLimiter limiter, string policy = AccountRateLimiter.DefaultPolicy)
{
    /// <summary>The policy that <c>services.AddAccountRateLimiting()</c> adds unless it is configured.</summary>
    public const string DefaultPolicy = "accounts";

    /// <summary>Whether the account may proceed; it is charged if so.</summary>
    /// <param name="account">Which; any text.</param>
    /// <param name="permits">At least 1.</param>
    /// <param name="cancellationToken">Checked before anything is charged.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one permit, or more than the account ever has.</exception>
    public async ValueTask<bool> AllowAsync(string account, int permits = 1, CancellationToken cancellationToken = default) =>
        (await limiter.AcquireAsync(policy, account, permits, cancellationToken).ConfigureAwait(false)).IsGranted;

    /// <summary>How long until a request would be allowed that isn't made: zero if it would be now. Charges nothing.</summary>
    /// <param name="account">Which; any text.</param>
    /// <param name="permits">Of the hypothetical request: at least 1.</param>
    /// <param name="cancellationToken">Checked before the question is asked.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one permit, or more than the account ever has.</exception>
    public async ValueTask<TimeSpan> RetryAfterAsync(string account, int permits = 1, CancellationToken cancellationToken = default) =>
        (await limiter.PeekAsync(policy, account, permits, cancellationToken).ConfigureAwait(false)).RetryAfter;

    /// <summary>What the account has used and has left. Charges nothing.</summary>
    /// <exception cref="RateLimitStoreException">Redis is away.</exception>
    public async ValueTask<AccountStatus> StatusAsync(string account, CancellationToken cancellationToken = default)
    {
        var decision = await limiter.PeekAsync(policy, account, 1, cancellationToken).ConfigureAwait(false);
        return decision.BindingTier is { } tier
            ? new AccountStatus(account, tier.Used, tier.Limit, tier.Remaining)
            : throw new RateLimitStoreException($"The status of account '{account}' is not known: Redis doesn't answer the limiter.");
    }

    /// <summary>Forgets what the account has used.</summary>
    /// <exception cref="RateLimitStoreException">Redis is away.</exception>
    public ValueTask ResetAsync(string account, CancellationToken cancellationToken = default) => limiter.ResetAsync(policy, account, cancellationToken);
}

/// <summary>An account at one moment; of several tiers, the one that matters most.</summary>
/// <param name="Account">Which.</param>
/// <param name="Used">Units in use.</param>
/// <param name="Limit">The most that it ever has.</param>
/// <param name="Available">Units left.</param>
public sealed record AccountStatus(string Account, long Used, long Limit, long Available);
