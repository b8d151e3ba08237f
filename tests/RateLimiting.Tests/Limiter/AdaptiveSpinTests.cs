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
    public void Where_it_is_in_vain_it_rests_and_then_tries_again_and_rests_longer_each_time()
    {
        Exhaust();
        for (var rest = AdaptiveSpin.ShortestRest; rest <= AdaptiveSpin.LongestRest; rest *= 2)
        {
            Rest(rest);
            Exhaust();
        }

        Rest(AdaptiveSpin.LongestRest);
        Exhaust();
    }

    [Fact]
    public void After_an_answer_that_was_seen_it_rests_shortly_again()
    {
        Exhaust();
        Rest(AdaptiveSpin.ShortestRest);
        Assert.True(spin.Until(Task.CompletedTask));
        Exhaust();
        Rest(AdaptiveSpin.ShortestRest);
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

    /// <summary>Until it rests; how many misses that takes depends on the hits before.</summary>
    private void Exhaust()
    {
        for (var miss = 0; miss < AdaptiveSpin.MaxCredit && !spin.IsResting; miss++)
            Assert.False(spin.Until(never));
    }

    private void Rest(int answers)
    {
        for (var skipped = 0; skipped < answers; skipped++)
            Assert.False(spin.Until(Task.CompletedTask));
    }
}
