using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Sluice.DetailWorker;

public static class DetailWorkerServices
{
    /// <summary>The consumer of FetchItemDetail, with what it stands on.</summary>
    public static void AddDetailWorker(this IHostApplicationBuilder builder)
    {
        builder.AddOptionsFrom<DetailWorkerOptions>(DetailWorkerOptions.Section, DetailWorkerOptions.Check);
        builder.Services.AddSingleton<WorkInHand>();
        builder.Services.AddSingleton<ItemStore>();
        builder.Services.AddHostedService<ItemWatch>();
        builder.AddMessaging("rabbitmq", bus => bus.AddConsumer<FetchItemDetailConsumer, FetchItemDetailConsumerDefinition>());
    }
}
