using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Sluice.RateLimiting;
using Sluice.Testing;

namespace Sluice.Bench.Limiter;

/// <summary>Redis killed and started again under load: the longest that a caller waited, and how soon limits hold again.</summary>
internal static class OutageBench
{
    private const int Callers = 64;

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync()
    {
        foreach (var rule in Enum.GetValues<StoreFailure>())
        {
            await using var server = await RedisServer.StartAsync();
            using var connection = await Peers.ConnectAsync(server.ConnectionString);
            await using var services = Peers.Services(
                connection,
                policy =>
                {
                    policy.OnStoreFailure = rule;
                    policy.TokenBucket(100, TimeSpan.FromHours(1));
                },
                storeTimeout: null);
            await RunAsync(rule, server, services.GetRequiredService<RedisRateLimiter>());
        }

        return 0;
    }

    private static async Task RunAsync(StoreFailure rule, RedisServer server, RedisRateLimiter limiter)
    {
        using var stop = new CancellationTokenSource();
        var phase = new Phases();
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(limiter, $"somebody {caller}", phase, stop.Token))).ToArray();
        await Task.Delay(Phase, TimeProvider.System, CancellationToken.None);
        phase.Current = 1;
        await server.KillAsync();
        await Task.Delay(Phase, TimeProvider.System, CancellationToken.None);
        await server.RestartAsync();
        var back = Stopwatch.GetTimestamp();
        while (!limiter.IsStoreAvailable)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        var noticed = Stopwatch.GetElapsedTime(back);
        phase.Current = 2;
        await Task.Delay(Phase, TimeProvider.System, CancellationToken.None);
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{rule,-6} longest decision with Redis {phase.Longest(0):0.0} ms, killed {phase.Longest(1):0.0} ms, back {phase.Longest(2):0.0} ms; noticed {noticed.TotalMilliseconds:0} ms after it answered; granted while away {phase.Granted[1]} of {phase.Asked[1]}"));
    }

    private static async Task CallAsync(RedisRateLimiter limiter, string partition, Phases phases, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var phase = phases.Current;
            var asked = Stopwatch.GetTimestamp();
            var decision = await limiter.AcquireAsync("bench", partition, 1, CancellationToken.None);
            phases.Add(phase, Stopwatch.GetTimestamp() - asked, decision.IsGranted);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
        }
    }

    private sealed class Phases
    {
        private readonly long[] longest = new long[3];
        private volatile int current;

        public int Current
        {
            get => current;
            set => current = value;
        }

        public long[] Granted { get; } = new long[3];

        public long[] Asked { get; } = new long[3];

        public double Longest(int phase) => Stopwatch.GetElapsedTime(0, longest[phase]).TotalMilliseconds;

        public void Add(int phase, long ticks, bool isGranted)
        {
            Interlocked.Increment(ref Asked[phase]);
            if (isGranted)
                Interlocked.Increment(ref Granted[phase]);
            long seen;
            while ((seen = Volatile.Read(ref longest[phase])) < ticks && Interlocked.CompareExchange(ref longest[phase], ticks, seen) != seen)
            {
            }
        }
    }
}
