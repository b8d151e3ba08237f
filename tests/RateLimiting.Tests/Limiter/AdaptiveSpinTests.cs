using Sluice.RateLimiting.Redis;

namespace Sluice.RateLimiting.Tests.Limiter;

public sealed class AdaptiveSpinTests
{
    private static readonly Task never = new TaskCompletionSource().Task;

    private readonly AdaptiveSpin spin = new();

    [Fact]
    public void An_answer_that_is_there_is_seen_and_one_that_does_not_come_is_given_up()
    {
        Assert.True(spin.Until(Task.CompletedTask));
        Assert.False(spin.Until(never));
        Assert.True(spin.Until(Task.CompletedTask));
    }

    [Fact]
    public void Where_it_is_in_vain_it_rests_and_then_tries_again()
    {
        for (var miss = 0; miss < AdaptiveSpin.MaxCredit; miss++)
            Assert.False(spin.Until(never));
        for (var skipped = 0; skipped < AdaptiveSpin.Skipped; skipped++)
            Assert.False(spin.Until(Task.CompletedTask));
        Assert.True(spin.Until(Task.CompletedTask));
    }

    [Fact]
    public void A_third_of_hits_is_enough_to_go_on()
    {
        for (var round = 0; round < AdaptiveSpin.MaxCredit; round++)
        {
            for (var miss = 0; miss < AdaptiveSpin.MissesPerHit; miss++)
                Assert.False(spin.Until(never));
            Assert.True(spin.Until(Task.CompletedTask));
        }
    }
}
