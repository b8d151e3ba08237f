using System.Diagnostics;
using Sluice.RateLimiting.Tests.Outbound.Ledger;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Limiter;

/// <summary>Calls travel together; spans don't.</summary>
public sealed class RedisSpanTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callers_who_travel_together_each_get_a_span_in_their_own_trace()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(server, [(2, TimeSpan.FromHours(1))]);
        var partition = LimiterProcess.NewPartition();
        using var requests = new Requests();
        using (var pause = await Frozen.StartAsync(server))
        {
            var calls = Enumerable.Range(0, 3).Select(_ => requests.InOneAsync(() => process.AcquireAsync(partition))).ToList();
            pause.Dispose();
            await Task.WhenAll(calls).Within();
        }

        var spans = requests.Children;
        Assert.Equal(3, spans.Select(span => span.TraceId).Distinct().Count());
        Assert.All(spans, span => Assert.Equal(
            ("EVALSHA p", ActivityKind.Client, "redis", "p"),
            (span.DisplayName, span.Kind, span.GetTagItem("db.system.name"), span.GetTagItem("sluice.policy"))));
        Assert.Equal(["granted", "granted", "refused"], spans.Select(span => span.GetTagItem("sluice.result")).Order());
    }

    [Fact]
    public async Task A_wait_for_a_permit_is_a_span_of_whoever_waits()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LedgerProcess.StartAsync(server);
        var account = LedgerProcess.Account(5, 1_000);
        using var requests = new Requests();

        await requests.InOneAsync(() => process.AcquireAsync(account)).Within();

        var span = Assert.Single(requests.Children);
        Assert.Equal((account.Name, "redis"), (span.GetTagItem("sluice.account"), span.GetTagItem("db.system.name")));
    }

    [Fact]
    public async Task A_caller_without_a_trace_leaves_no_span()
    {
        await using var server = await RedisServer.StartAsync(Stop);
        await using var process = await LimiterProcess.StartAsync(server, [(2, TimeSpan.FromHours(1))]);
        using var requests = new Requests();

        await process.AcquireAsync(LimiterProcess.NewPartition());

        Assert.Empty(requests.Children);
    }

    /// <summary>Requests that are traced, and the limiter's spans under them.</summary>
    private sealed class Requests : IDisposable
    {
        private readonly ActivitySource source = new($"requests {Guid.NewGuid()}");
        private readonly ActivityListener listener;
        private readonly List<Activity> spans = [];
        private readonly HashSet<ActivityTraceId> traces = [];

        public Requests()
        {
            listener = new ActivityListener
            {
                ShouldListenTo = heard => heard == source || heard.Name == "Sluice.RateLimiting",
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = Add,
            };
            ActivitySource.AddActivityListener(listener);
        }

        /// <summary>Those of other tests, which run at the same time, are not among them.</summary>
        public IReadOnlyList<Activity> Children
        {
            get
            {
                lock (spans)
                    return [.. spans.Where(span => span.Source != source && traces.Contains(span.TraceId))];
            }
        }

        public async Task InOneAsync(Func<Task> act)
        {
            using var request = source.StartActivity("request")!;
            lock (spans)
                traces.Add(request.TraceId);
            await act();
        }

        public void Dispose()
        {
            listener.Dispose();
            source.Dispose();
        }

        private void Add(Activity span)
        {
            lock (spans)
                spans.Add(span);
        }
    }
}
