using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sluice.ServiceDefaults.Startup;

namespace Microsoft.Extensions.Hosting;

public static class MessagingExtensions
{
    /// <summary>
    /// How often the broker hands out a message whose consumer died with it. Without a limit a message that kills its consumer
    /// comes back for ever.
    /// </summary>
    internal const int DeliveryLimit = 10;

    /// <summary>
    /// MassTransit on RabbitMQ, one way for all: durable quorum queues in kebab case, publisher confirms, a start that waits for the broker,
    /// and the check <c>rabbitmq</c>. A consumer's prefetch, concurrency and retries stand in its ConsumerDefinition.
    /// Publish, or send to <c>exchange:name</c>: <c>queue:name</c> would declare the queue anew as a classic one.
    /// </summary>
    public static TBuilder AddMessaging<TBuilder>(
        this TBuilder builder, string connectionName, Action<IBusRegistrationConfigurator>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        builder.RequireConnectionString(connectionName, static value => _ = new Uri(value));
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(host =>
        {
            host.WaitUntilStarted = true;
            host.StopTimeout = TimeSpan.FromSeconds(4);
            host.ConsumerStopTimeout = TimeSpan.FromSeconds(3);
        });

        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetKebabCaseEndpointNameFormatter();
            bus.ConfigureHealthCheckOptions(check =>
            {
                check.Name = "rabbitmq";
                check.Tags.Clear();
            });
            bus.AddConfigureEndpointsCallback(static (_, _, endpoint) =>
            {
                if (endpoint is not IRabbitMqReceiveEndpointConfigurator queue)
                    return;
                queue.SetQuorumQueue();
                queue.SetQueueArgument("x-delivery-limit", DeliveryLimit);
            });
            configure?.Invoke(bus);
            bus.UsingRabbitMq((context, rabbitmq) =>
            {
                var address = new Uri(context.GetRequiredService<IConfiguration>().GetConnectionString(connectionName)!);
                rabbitmq.Host(address, context.GetRequiredService<IHostEnvironment>().ApplicationName, host =>
                {
                    host.PublisherConfirmation = true;
                    if (address.UserInfo.Split(':') is [var user, var password])
                    {
                        host.Username(Uri.UnescapeDataString(user));
                        host.Password(Uri.UnescapeDataString(password));
                    }
                });
                rabbitmq.ConfigureEndpoints(context);
            });
        });
        return builder;
    }
}
