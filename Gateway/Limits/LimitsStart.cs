using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>
/// Asks about every policy before the gateway listens: the scripts are in Redis then and the limiter's code is compiled. A first burst of
/// requests would else wait for both, take that for an outage of Redis, and pass. What runs in an outage is rehearsed before.
/// </summary>
internal sealed class LimitsStart(RedisRateLimiter limiter, TimeProvider time) : IHostedService
{
    private const string Nobody = "nobody";
    private const int Attempts = 20;

    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(50);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await OutageRehearsal.RunAsync();

        // Redis may be away: that is no reason not to start.
        for (var attempt = 0; attempt < Attempts && !await AskAsync(cancellationToken); attempt++)
            await Task.Delay(pause, time, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(limiter.Policies.Select(policy => limiter.PeekAsync(policy, Nobody, 1, cancellationToken).AsTask()));
        return answers.All(answer => !answer.IsStoreUnavailable);
    }
}
