using MassTransit;
using Sluice.ImportOrchestrator.Backfills;
using Sluice.ImportOrchestrator.Control;
using Sluice.ImportOrchestrator.Discovery;
using Sluice.ImportOrchestrator.Dispatch;
using Sluice.ImportOrchestrator.Events;
using Sluice.ImportOrchestrator.Forecasts;
using Sluice.ImportOrchestrator.Api;
using Sluice.ImportOrchestrator.Throughput;

namespace Sluice.ImportOrchestrator;

public static class ImportServices
{
    /// <summary>Starting, discovering, dispatching and ending imports.</summary>
    public static void AddImports(this IHostApplicationBuilder builder)
    {
        builder.AddMigrations("imports", typeof(ImportServices).Assembly);
        builder.Services.AddSingleton<ImportStore>();
        builder.AddOptionsFrom<EventOptions>(EventOptions.Section, EventOptions.Check);
        builder.Services.AddSingleton<ForecastStore>();
        builder.Services.AddSingleton<Forecaster>();
        builder.Services.AddSingleton<ImportReader>();
        builder.Services.AddSingleton<ImportFeed>();
        builder.Services.AddSingleton<ThroughputReader>();
        builder.Services.AddSingleton<FailedWork>();
        builder.Services.AddSingleton<ImportRemoval>();
        builder.AddOptionsFrom<BackfillOptions>(BackfillOptions.Section, BackfillOptions.Check);
        builder.Services.AddSingleton<BackfillStore>();
        builder.Services.AddSingleton<BackfillReader>();
        builder.Services.AddSingleton<StartBackfillRequest>();
        builder.Services.AddSingleton<DiscoveryStore>();
        builder.Services.AddSingleton<PagesInHand>();
        builder.Services.AddSingleton<DispatchStore>();
        builder.Services.AddSingleton<DispatchSignal>();
        builder.Services.AddSingleton<WorkPublisher>();
        builder.Services.AddHostedService<Dispatcher>();
        builder.Services.AddHostedService<PageWatch>();
        builder.Services.AddHostedService<Sweep>();
        builder.Services.AddHostedService<Retention>();
        builder.AddMessaging("rabbitmq", bus => bus.AddConsumer<DiscoverImportConsumer, DiscoverImportConsumerDefinition>());
        builder.Services.AddHostedService<ImportRehearsal>();
    }
}
