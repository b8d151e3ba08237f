using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Redis;

/// <summary>Asks Redis for the decisions on a batch of calls, and decides by the policy's rule where Redis is away. Thread-safe.</summary>
internal sealed partial class RateLimitStore(
    IConnectionMultiplexer redis, ScriptLibrary scripts, TimeSpan timeout, TimeProvider time, LimiterMetrics metrics, ILogger<RateLimitStore> logger)
{
    private static readonly TimeSpan RetryAfterOutage = TimeSpan.FromSeconds(1);

    private int isAway;

    public Call NewCall(int units) => new(units, time.GetTimestamp());

    /// <summary>Answers every call within the timeout from its coming; never throws.</summary>
    public async Task DecideAsync(RateLimitPolicy policy, RedisKey[] keys, IReadOnlyList<Call> calls)
    {
        try
        {
            // The first has waited longest: while Redis is silent it has waited for those before as well.
            var left = timeout - time.GetElapsedTime(calls[0].Since);
            if (left < TimeSpan.FromMilliseconds(1))
                throw new TimeoutException($"No answer within {timeout:c}.");
            var runs = Runs.Of(calls);
            var answer = (long[])(await scripts.DriverFor(policy)
                .EvaluateAsync(redis.GetDatabase(), keys, Arguments(policy, runs), left, time).ConfigureAwait(false))!;
            if (Interlocked.Exchange(ref isAway, 0) == 1)
                LogBack();
            Answer(policy, calls, runs, answer);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            if (Interlocked.Exchange(ref isAway, 1) == 0)
                LogAway(exception.Message);
            var decision = RateLimitDecision.WithoutStore(policy.OnStoreFailure, RetryAfterOutage);
            metrics.Count(policy, LimiterMetrics.StoreAway, calls.Count);
            foreach (var call in calls)
                call.Answer(decision);
        }
        catch (Exception exception)
        {
            // A defect, not an outage: each caller gets it, none hangs.
            foreach (var call in calls)
                call.Fail(exception);
        }
    }

    private static RedisValue[] Arguments(RateLimitPolicy policy, List<Run> runs)
    {
        var arguments = new RedisValue[policy.Tiers.Count * 3 + runs.Count * 2];
        var at = 0;
        foreach (var tier in policy.Tiers)
        {
            arguments[at++] = ScriptLibrary.NameOf(tier.Algorithm);
            arguments[at++] = tier.Permits;
            arguments[at++] = tier.WindowMicroseconds;
        }

        foreach (var run in runs)
        {
            arguments[at++] = run.Calls;
            arguments[at++] = run.Units;
        }

        return arguments;
    }

    private void Answer(RateLimitPolicy policy, IReadOnlyList<Call> calls, List<Run> runs, long[] answer)
    {
        var reading = new KeyReading(policy, answer);
        var scarcest = reading.Scarcest();
        var at = policy.Tiers.Count * KeyReading.NumbersPerTier;
        var next = 0;
        long taken = 0;
        long granted = 0;
        foreach (var run in runs)
        {
            var (grants, wait, binding) = (answer[at++], answer[at++], (int)answer[at++] - 1);
            granted += grants;
            for (var number = 0; number < run.Calls; number++)
            {
                var isGranted = number < grants;
                taken += isGranted ? run.Units : 0;
                calls[next++].Answer(new RateLimitDecision(reading, isGranted, taken, isGranted ? 0 : wait, isGranted ? scarcest : binding));
            }
        }

        metrics.Count(policy, LimiterMetrics.Granted, granted);
        metrics.Count(policy, LimiterMetrics.Refused, calls.Count - granted);
    }

    [LoggerMessage(1, LogLevel.Warning, "Redis doesn't answer the limiter; policies do as their OnStoreFailure says: {Reason}", EventName = "StoreAway")]
    private partial void LogAway(string reason);

    [LoggerMessage(2, LogLevel.Information, "Redis answers the limiter again", EventName = "StoreBack")]
    private partial void LogBack();
}

/// <summary>Calls in a row that take alike.</summary>
internal readonly record struct Run(int Calls, int Units);

internal static class Runs
{
    public static List<Run> Of(IReadOnlyList<Call> calls)
    {
        List<Run> runs = [new(1, calls[0].Units)];
        for (var index = 1; index < calls.Count; index++)
        {
            if (calls[index].Units == runs[^1].Units)
                runs[^1] = runs[^1] with { Calls = runs[^1].Calls + 1 };
            else
                runs.Add(new(1, calls[index].Units));
        }

        return runs;
    }
}
