using Sluice.Contracts;
using Sluice.ItemApi.Sales;

namespace Sluice.ItemApi.Orders;

public static class OrdersRegistration
{
    /// <summary>Intake, state and cancellation of orders, and the sales that they are placed in.</summary>
    public static void AddOrders(this IHostApplicationBuilder builder)
    {
        builder.AddOptionsFrom<OrderOptions>(OrderOptions.Section, OrderOptions.Check);
        builder.AddRedisStore("redis");
        builder.AddRabbitMqHealthCheck("rabbitmq");

        var services = builder.Services;
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, OrdersJson.Default));
        services.AddSingleton<QueuedOrders>();
        services.AddSingleton<OrderTelemetry>();
        services.AddSingleton<OrderStore>();
        services.AddSingleton<OrderPublisher>();
        services.AddSingleton<Intake>();
        services.AddSingleton<SoldOutMarks>();
        services.AddSingleton<SaleStore>();
        services.AddSingleton<SaleHistoryStore>();
        services.AddSingleton<InventoryStore>();
        services.AddHostedService<DefaultSku>();
        services.AddHosted<OrderIds>();
        services.AddHosted<SaleBoard>();
        services.AddHosted<OrderQueue>();
        services.AddHosted<IdempotencyKeys>();
        services.AddHosted<Withdrawals>();
        services.AddHosted<SaleIntake>();
        services.AddHosted<OrderWatch>();
    }

    public static void MapOrdersAndSales(this IEndpointRouteBuilder routes)
    {
        routes.MapOrders();
        routes.MapInventory();
        routes.MapSales();
    }

    private static void AddHosted<T>(this IServiceCollection services) where T : class, IHostedService =>
        services.AddSingleton<T>().AddHostedService(provider => provider.GetRequiredService<T>());
}
