using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.ServiceDefaults.Startup;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests;

public sealed class StartupTests
{
    private static readonly (string Key, string Value)[] ManyFaults =
    [
        ("Shop:Doors", "0"), ("Shop:Opens", "-01:00:00"), ("Till:Coins", "many"), ("ConnectionStrings:rabbitmq", "no address"),
    ];

    [Fact]
    public void All_faults_are_named_at_once_by_configuration_path()
    {
        using var app = Configure(TestService.Builder(ManyFaults)).Build();
        var refused = Assert.Throws<StartupException>(() => app.MapDefaultEndpoints());
        Assert.Collection(
            refused.Faults.Order(StringComparer.Ordinal),
            Starts("ConnectionStrings:rabbitmq cannot be read"),
            Starts("ConnectionStrings:things is missing"),
            Starts("Failed to convert configuration value 'many' at 'Till:Coins'"),
            Starts("Shop:Doors must be at least 1, is 0"),
            Starts("Shop:Opens must be positive, is -01:00:00"));

        static Action<string> Starts(string start) => fault => Assert.StartsWith(start, fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_without_a_web_server_refuses_just_so_before_it_makes_its_other_services()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Configuration = new() });
        foreach (var (key, value) in ManyFaults)
            builder.Configuration[key] = value;
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.Services.AddHostedService<NeverMade>();
        using var host = Configure(builder).Build();
        var refused = await Assert.ThrowsAsync<StartupException>(() => host.StartAsync(TestContext.Current.CancellationToken).Within());
        Assert.Equal(5, refused.Faults.Count);
    }

    [Fact]
    public void The_refusal_prints_as_its_faults_and_no_stack_trace()
    {
        var refused = Assert.Throws<StartupException>(new Action(() => throw new StartupException(["A:B must be C", "D is missing"])));
        Assert.Equal(["The service cannot start:", "  - A:B must be C", "  - D is missing"], refused.ToString().Split(Environment.NewLine));
    }

    [Fact]
    public async Task Options_without_faults_are_bound()
    {
        var builder = TestService.Builder(("Shop:Doors", "2"), ("Shop:Opens", "08:30:00"));
        AddShop(builder);
        await using var service = await TestService.StartAsync(builder);
        var shop = service.Services.GetRequiredService<IOptions<Shop>>().Value;
        Assert.Equal((2, new TimeSpan(8, 30, 0)), (shop.Doors, shop.Opens));
    }

    [Fact]
    public async Task Other_libraries_keep_to_warnings_unless_configuration_says_otherwise()
    {
        await using var quiet = await TestService.StartAsync(TestService.Builder(SpanRecorder.Somewhere));
        Assert.False(IsInformed(quiet, "MassTransit.Hosting"));
        Assert.False(Logger(quiet, "StackExchange.Redis.ConnectionMultiplexer").IsEnabled(LogLevel.Error));
        Assert.True(IsInformed(quiet, "Sluice.Things"));
        await using var loud = await TestService.StartAsync(TestService.Builder(SpanRecorder.Somewhere, ("Logging:LogLevel:MassTransit", "Information")));
        Assert.True(IsInformed(loud, "MassTransit.Hosting"));
    }

    private static bool IsInformed(TestService service, string category) =>
        Logger(service, category).IsEnabled(LogLevel.Information);

    private static ILogger Logger(TestService service, string category) => service.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

    private static TBuilder Configure<TBuilder>(TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.AddPostgresStore("things");
        builder.AddMessaging("rabbitmq");
        AddShop(builder);
        builder.AddOptionsFrom<Till>("Till");
        return builder;
    }

    private static void AddShop(IHostApplicationBuilder builder) => builder.AddOptionsFrom<Shop>("Shop", static (shop, faults) =>
    {
        faults.Require(shop.Doors >= 1, nameof(shop.Doors), $"must be at least 1, is {shop.Doors}");
        faults.Require(shop.Opens > TimeSpan.Zero, nameof(shop.Opens), $"must be positive, is {shop.Opens}");
    });

    private sealed class Shop
    {
        public int Doors { get; set; }

        public TimeSpan Opens { get; set; }
    }

    private sealed class Till
    {
        public int Coins { get; set; }
    }

    private sealed class NeverMade : IHostedService
    {
        public NeverMade() => throw new InvalidOperationException("made too early");

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
