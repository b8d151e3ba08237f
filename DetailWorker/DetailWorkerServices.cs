using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.DetailWorker.Backfills;

namespace Sluice.DetailWorker;

public static class DetailWorkerServices
{
    /// <summary>The consumers of FetchItemDetail and FetchDay, with what they stand on.</summary>
    public static void AddDetailWorker(this IHostApplicationBuilder builder)
    {
        builder.AddOptionsFrom<DetailWorkerOptions>(DetailWorkerOptions.Section, DetailWorkerOptions.Check);
        builder.Services.AddSingleton<WorkInHand>();
        builder.Services.AddSingleton<DatabaseWait>();
        builder.Services.AddSingleton<ItemStore>();
        builder.Services.AddSingleton<DayStore>();
        builder.Services.AddSingleton<Attempts>();
        builder.Services.AddHostedService<ItemWatch>();
        builder.AddMessaging("rabbitmq", bus =>
        {
            bus.AddConsumer<FetchItemDetailConsumer, FetchItemDetailConsumerDefinition>();
            bus.AddConsumer<FetchDayConsumer, FetchDayConsumerDefinition>();
        });
        builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<WorkerRehearsal>(
            provider, ActivatorUtilities.CreateInstance<FetchItemDetailConsumer>(provider)));
    }
}
