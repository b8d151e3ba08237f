using Microsoft.Extensions.Logging.Abstractions;
using Sluice.RateLimiting.Redis;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Limiter.Contract;

public sealed class RedisLimiterContractTests(RedisFixture redis) : LimiterContract
{
    private protected override async Task<ILimiterUnderTest> StartAsync(RateLimitOptions options)
    {
        var connection = await RedisConnection.ConnectAsync(redis.Server);
        var clock = new RedisClock(connection);
        var time = new FakeTimeProvider();
        await clock.SetAsync((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        // However far the clock is moved while Redis answers, it isn't away.
        options.StoreTimeout = TimeSpan.FromDays(30);
        return new Run(connection, clock, time, options);
    }

    /// <summary>The scripts' clock and that of the process go together; only the scripts' can be set back.</summary>
    private sealed class Run : ILimiterUnderTest
    {
        private readonly ConnectionMultiplexer connection;
        private readonly RedisClock clock;
        private readonly FakeTimeProvider time;
        private readonly SleepCounter sleeps;
        private readonly RateLimitStore store;
        private readonly RedisRateLimiter limiter;

        public Run(ConnectionMultiplexer connection, RedisClock clock, FakeTimeProvider time, RateLimitOptions options)
        {
            (this.connection, this.clock, this.time) = (connection, clock, time);
            sleeps = new SleepCounter(time);
            var policies = new RateLimitPolicies(options);
            var metrics = new LimiterMetrics(Meters.Factory);
            store = new RateLimitStore(connection, clock.Scripts, policies, sleeps, metrics, NullLogger<RateLimitStore>.Instance);
            limiter = new RedisRateLimiter(policies, store, metrics, sleeps);
        }

        public PolicyRateLimiter Limiter => limiter;

        public async Task AdvanceAsync(TimeSpan by)
        {
            await clock.AdvanceAsync(by);
            if (by > TimeSpan.Zero)
                time.Advance(by);
        }

        public Task UntilSleepingAsync(int callers) =>
            Deadline.UntilAsync(() => Task.FromResult(sleeps.Sleeping == callers), $"{callers} callers sleep");

        public async ValueTask DisposeAsync()
        {
            limiter.Dispose();
            store.Dispose();
            await connection.CloseAsync();
            connection.Dispose();
        }
    }
}
