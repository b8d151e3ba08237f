using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.RateLimiting.Tests.Limiter;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Adapters;

public sealed class AspNetCoreTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_drops_into_the_rate_limiting_middleware_of_asp_net_core()
    {
        await using var process = await LimiterProcess.StartAsync(redis.Server, policy => policy.SlidingWindow(2, TimeSpan.FromHours(1)));
        var run = LimiterProcess.NewPartition();
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Services.AddRateLimiter(options =>
        {
            options.GlobalLimiter = process.Limiter.AsPartitionedRateLimiter<HttpContext>(LimiterProcess.Policy, context => run + context.Request.Path);
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.OnRejected = (rejected, _) =>
            {
                if (rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter))
                    rejected.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
                return default;
            };
        });
        await using var app = builder.Build();
        app.UseRateLimiter();
        app.MapGet("/{name}", (string name) => name);
        await app.StartAsync(Stop);

        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        List<HttpStatusCode> statuses = [];
        foreach (var path in (string[])["/a", "/a", "/a", "/b"])
            statuses.Add((await client.GetAsync(path, Stop)).StatusCode);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], statuses);
        var refused = await client.GetAsync("/a", Stop);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        await app.StopAsync(Stop);
    }
}
