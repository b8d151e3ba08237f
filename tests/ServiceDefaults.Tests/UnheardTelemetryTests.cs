using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests;

public sealed class UnheardTelemetryTests(PostgresFixture postgres, RedisFixture redis)
{
    [Fact]
    public async Task Where_nobody_gets_them_there_are_no_spans_and_metrics_of_the_stores_either()
    {
        var builder = TestService.Builder(
            ("ConnectionStrings:redis", redis.Server.ConnectionString), ("ConnectionStrings:postgres", postgres.Server.ConnectionString));
        builder.AddRedisStore("redis");
        builder.AddPostgresStore("postgres");
        await using var service = await TestService.StartAsync(builder);
        Assert.Null(service.Services.GetService<TracerProvider>());
        Assert.Null(service.Services.GetService<MeterProvider>());
    }
}
