using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>A policy that only watches, and what is counted of all of them.</summary>
public sealed class ShadowTests : GatewayTests
{
    [Fact]
    public async Task A_policy_in_the_shadow_counts_whom_it_would_refuse_and_lets_everybody_pass_unmarked()
    {
        using var decisions = new CountedDecisions("shy");
        await using var gateway = await StartAsync("shy", shadow: true);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => gateway.GetAsync("/api/data", "test-client")));

        Assert.All(answers, answer =>
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain(answer.Headers, header => header.Key.Contains("RateLimit", StringComparison.OrdinalIgnoreCase));
        });
        Assert.Equal(8, Upstream.Requests.Count);
        Assert.Equal([("allowed", 3), ("shadow_blocked", 5)], decisions.Results);
    }

    [Fact]
    public async Task A_policy_in_the_shadow_refuses_nobody_without_redis_either()
    {
        using var decisions = new CountedDecisions("shy-and-strict");
        await using var gateway = await StartAsync("shy-and-strict", shadow: true);
        await Redis.KillAsync();

        Assert.All(await gateway.StatusesAsync(3, _ => gateway.GetAsync("/api/data", "test-client")), status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal([("store_away_allowed", 3)], decisions.Results);
    }

    [Fact]
    public async Task A_policy_that_is_enforced_counts_whom_it_refuses()
    {
        using var decisions = new CountedDecisions("bold");
        await using var gateway = await StartAsync("bold", shadow: false);

        await gateway.StatusesAsync(8, _ => gateway.GetAsync("/api/data", "test-client"));
        await Redis.KillAsync();
        await gateway.StatusesAsync(2, _ => gateway.GetAsync("/api/data", "operator"));

        Assert.Equal([("allowed", 3), ("blocked", 5), ("store_away_blocked", 2)], decisions.Results);
    }

    private Task<GatewayUnderTest> StartAsync(string policy, bool shadow) => StartAsync(
        [
            ("ReverseProxy:Routes:data:Metadata:RateLimitPolicy", policy),
            ($"RateLimiting:Policies:{policy}:Shadow", shadow.ToString()),
            ($"RateLimiting:Policies:{policy}:OnStoreFailure", "Deny"),
            ($"RateLimiting:Policies:{policy}:Tiers:0:Permits", "3"),
            ($"RateLimiting:Policies:{policy}:Tiers:0:Window", "01:00:00"),
        ]);

    /// <summary>What the gateway's meter says of one policy.</summary>
    private sealed class CountedDecisions : IDisposable
    {
        private readonly ConcurrentDictionary<string, long> results = new(StringComparer.Ordinal);
        private readonly MeterListener listener = new();

        public CountedDecisions(string policy)
        {
            listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Name: "sluice.gateway.decisions", Meter.Name: "Sluice.Gateway" })
                    listener.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            {
                var names = tags.ToArray().ToDictionary(tag => tag.Key, tag => (string)tag.Value!);
                Assert.Equal(["policy", "result", "route"], names.Keys.Order());
                if (names["policy"] == policy)
                    results.AddOrUpdate(names["result"], count, (_, before) => before + count);
            });
            listener.Start();
        }

        public IEnumerable<(string, long)> Results => results.Select(result => (result.Key, result.Value)).Order();

        public void Dispose() => listener.Dispose();
    }
}
