namespace Sluice.RateLimiting.Tests.Limiter.Contract;

public abstract partial class LimiterContract
{
    [Theory]
    [MemberData(nameof(All))]
    public async Task A_refusal_by_the_second_tier_charges_nothing_to_the_first(RateLimitAlgorithm first)
    {
        await using var run = await StartAsync(policy =>
        {
            policy.Tiers.Add(TierOf(first, 10, "first"));
            policy.SlidingWindow(2, Minute, "second");
        });
        await AcquireAsync(run, 2);
        for (var call = 0; call < 5; call++)
        {
            var refused = await AcquireAsync(run);
            Assert.False(refused.IsGranted);
            Assert.Equal([8, 0], refused.Tiers.Select(tier => tier.Remaining));
            Assert.Equal("second", refused.BindingTier!.Value.Tier.Name);
        }
    }

    [Fact]
    public async Task The_tier_that_holds_back_longest_binds_a_refusal_and_the_scarcest_a_grant()
    {
        await using var run = await StartAsync(policy => policy.SlidingWindow(3, Minute, "short").SlidingWindow(4, 2 * Minute, "long"));
        Assert.Equal("short", (await AcquireAsync(run)).BindingTier!.Value.Tier.Name);
        await run.AdvanceAsync(Minute / 2);
        await AcquireAsync(run, 2);
        var refused = await AcquireAsync(run, 2);
        Assert.Equal(("long", 1.5 * Minute), (refused.BindingTier!.Value.Tier.Name, refused.RetryAfter));
        await run.AdvanceAsync(Minute);
        Assert.Equal("long", (await AcquireAsync(run)).BindingTier!.Value.Tier.Name);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Permits_take_the_policys_cost_each(RateLimitAlgorithm algorithm)
    {
        await using var run = await StartAsync(algorithm, permits: 7, policy => policy.Cost = 2);
        Assert.Equal(3, (await AcquireAsync(run, 2)).Tiers[0].Remaining);
        Assert.Equal(1, (await AcquireAsync(run)).Tiers[0].Remaining);
        Assert.False((await AcquireAsync(run)).IsGranted);
    }

    [Fact]
    public async Task A_refused_call_doesnt_stand_in_the_way_of_a_smaller_one()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.SlidingWindow, permits: 5);
        await AcquireAsync(run, 3);
        Assert.False((await AcquireAsync(run, 3)).IsGranted);
        Assert.True((await AcquireAsync(run, 2)).IsGranted);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    public async Task No_permits_or_more_than_there_ever_are_is_an_error_at_once_and_charges_nothing(int permits)
    {
        await using var run = await StartAsync(policy =>
        {
            policy.Cost = 3;
            policy.SlidingWindow(100, Minute).TokenBucket(10, Minute);
        });
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => AcquireAsync(run, permits));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => WaitAsync(run, permits, Stop));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PeekAsync(run, permits));
        Assert.Equal([97, 7], (await AcquireAsync(run)).Tiers.Select(tier => tier.Remaining));
    }

    [Fact]
    public async Task An_unknown_policy_is_an_error_that_names_the_known_ones()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.SlidingWindow, permits: 5);
        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await run.Limiter.AcquireAsync("q", client, 1, Stop));
        Assert.Contains("'q'. There are: p.", error.Message, StringComparison.Ordinal);
        Assert.Null(run.Limiter.FindPolicy("q"));
        Assert.Same(run.Limiter.GetPolicy("p"), run.Limiter.GetPolicy("P"));
    }

    [Fact]
    public async Task Who_has_given_up_before_is_not_charged()
    {
        await using var run = await StartAsync(RateLimitAlgorithm.SlidingWindow, permits: 5);
        var given = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await run.Limiter.AcquireAsync(Policy, client, 1, given));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await run.Limiter.WaitAsync(Policy, client, 1, given));
        Assert.Equal(5, (await PeekAsync(run)).Tiers[0].Remaining);
    }

    [Fact]
    public async Task Partitions_and_policies_are_counted_apart()
    {
        await using var run = await StartAsync(new RateLimitOptions()
            .AddPolicy(Policy, policy => policy.SlidingWindow(5, Minute)).AddPolicy("other", policy => policy.SlidingWindow(5, Minute)));
        await ExhaustAsync(run);
        Assert.True((await run.Limiter.AcquireAsync("other", client, 1, Stop)).IsGranted);
        Assert.True((await run.Limiter.AcquireAsync(Policy, client + "b", 1, Stop)).IsGranted);
        Assert.False((await AcquireAsync(run)).IsGranted);
    }

    [Fact]
    public async Task Overrides_have_limits_of_their_own_or_none()
    {
        var staff = client + "-staff";
        await using var run = await StartAsync(RateLimitAlgorithm.SlidingWindow, permits: 5, policy => policy
            .Override(client.ToUpperInvariant(), other => other.TokenBucket(2, Minute, name: "own")).Unlimited(staff));
        Assert.Equal(2, (await ExhaustAsync(run)).Granted);
        Assert.Equal("own", (await AcquireAsync(run)).BindingTier!.Value.Tier.Name);
        for (var call = 0; call < 20; call++)
            Assert.True((await run.Limiter.AcquireAsync(Policy, staff, 100, Stop)).IsGranted);
        var free = await run.Limiter.WaitAsync(Policy, staff, 1, Stop);
        Assert.Empty(free.Tiers);
        Assert.Null(free.BindingTier);
        await free.RefundAsync();
        await free.DisposeAsync();
        await run.Limiter.ResetAsync(Policy, staff, Stop);
    }
}
