using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sluice.ServiceDefaults.Messaging;

namespace Microsoft.Extensions.Hosting;

public static class MessagingExtensions
{
    /// <summary>
    /// How often the broker hands out a message whose consumer died with it. Without a limit a message that kills its consumer
    /// comes back for ever.
    /// </summary>
    public const int DeliveryLimit = 10;

    /// <summary>
    /// MassTransit on RabbitMQ, one way for all: durable quorum queues in kebab case, publisher confirms, a start that waits for the broker,
    /// and the checks <c>rabbitmq</c> (the broker answers) and <c>bus</c> (the consumers are attached). A consumer's prefetch, concurrency and retries stand in its ConsumerDefinition.
    /// Publish, or send to <c>exchange:name</c>: <c>queue:name</c> would declare the queue anew as a classic one. While the broker is away a publish
    /// waits for it: bound it with a cancellation token.
    /// </summary>
    public static TBuilder AddMessaging<TBuilder>(
        this TBuilder builder, string connectionName, Action<IBusRegistrationConfigurator>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddRabbitMqHealthCheck(connectionName);
        builder.Services.AddHostedService<BrokerWait>();
        builder.Services.AddOptions<MassTransitHostOptions>().Configure(host =>
        {
            host.WaitUntilStarted = true;
            host.StopTimeout = TimeSpan.FromSeconds(2.5);
            host.ConsumerStopTimeout = TimeSpan.FromSeconds(2);
        });

        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.SetKebabCaseEndpointNameFormatter();

            // A bus without consumers calls itself ready whether there is a broker or not: the check rabbitmq asks the broker.
            bus.ConfigureHealthCheckOptions(check =>
            {
                check.Name = "bus";
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
