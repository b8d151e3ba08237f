using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.OrderWorker.Reconciliation;
using Sluice.OrderWorker.Settlement;

namespace Sluice.OrderWorker;

public static class OrderWorkerServices
{
    /// <summary>A worker needs few sessions: it settles one batch at a time.</summary>
    private const int LargestPool = 8;

    /// <summary>The consumer of orders, with what it stands on. The schema is ItemApi's.</summary>
    public static void AddOrderWorker(this IHostApplicationBuilder builder)
    {
        builder.AddOptionsFrom<OrderWorkerOptions>(OrderWorkerOptions.Section, OrderWorkerOptions.Check);
        builder.AddRedisStore("redis");
        builder.AddPostgresStore("inventory", source =>
            source.ConnectionStringBuilder.MaxPoolSize = Math.Min(LargestPool, source.ConnectionStringBuilder.MaxPoolSize));

        var services = builder.Services;
        services.AddSingleton<SettlementMetrics>();
        services.AddSingleton<SettlementStore>();
        services.AddSingleton<SoldOutMark>();
        services.AddSingleton<Settler>();
        services.AddSingleton<Balance>();
        services.AddHostedService<BalanceWatch>();
        services.AddSingleton<PoisonFilter>();
        builder.AddMessaging("rabbitmq", bus =>
        {
            bus.AddConsumer<PlaceOrdersConsumer, PlaceOrdersConsumerDefinition>();
            bus.AddConsumer<SettleAloneConsumer, SettleAloneConsumerDefinition>();
            bus.AddConfigureEndpointsCallback(static (context, _, endpoint) =>
            {
                endpoint.ConfigureDefaultErrorTransport();

                // Behind the move: one that fails leaves the message in its queue.
                endpoint.ConfigureError(error => error.UseFilter(context.GetRequiredService<PoisonFilter>()));
            });
        });
    }
}
