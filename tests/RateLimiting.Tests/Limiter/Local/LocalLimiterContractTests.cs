using Sluice.RateLimiting.Tests.Limiter.Contract;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter.Local;

public sealed class LocalLimiterContractTests : LimiterContract
{
    private protected override Task<ILimiterUnderTest> StartAsync(RateLimitOptions options) =>
        Task.FromResult<ILimiterUnderTest>(new Run(options, new FakeTimeProvider()));

    private sealed class Run(RateLimitOptions options, FakeTimeProvider time) : ILimiterUnderTest
    {
        public PolicyRateLimiter Limiter { get; } = new LocalRateLimiter(options, time);

        public Task AdvanceAsync(TimeSpan by)
        {
            time.Advance(by);
            return Task.CompletedTask;
        }

        // They sleep when their call has returned.
        public Task UntilSleepingAsync(int callers) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
