using System.Collections.Concurrent;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using Sluice.ServiceDefaults.Startup;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests;

public sealed class MessagingTests(RabbitMqFixture rabbitmq)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_reaches_its_consumer_through_a_quorum_queue_in_kebab_case_with_a_delivery_limit()
    {
        await using var service = await StartAsync(rabbitmq.Server.ConnectionString);
        var id = Guid.NewGuid();
        await service.Services.GetRequiredService<IBus>().Publish(new CountSheep(id), Cancellation);
        await service.Services.GetRequiredService<Flock>().Arrived(id).Within();

        // A queue declared again with other arguments than its own is refused.
        await DeclareAsync("count-sheep");
    }

    [Fact]
    public async Task A_message_whose_consumer_fails_waits_in_an_error_queue_that_is_as_durable()
    {
        await using var service = await StartAsync(rabbitmq.Server.ConnectionString);
        await service.Services.GetRequiredService<IBus>().Publish(new LoseSheep(Guid.NewGuid()), Cancellation);
        await Deadline.UntilAsync(async () => await ReadyAsync("lose-sheep_error") > 0, "message in the error queue", cancellationToken: Cancellation);
        await DeclareAsync("lose-sheep_error");
    }

    [Fact]
    public async Task Start_waits_for_a_broker_that_is_away_and_goes_on_when_it_is_back()
    {
        await using var server = await RabbitMqServer.StartAsync(Deadline.Token());
        await server.KillAsync();
        var starting = StartAsync(server.ConnectionString);
        await server.RestartAsync(Cancellation);
        await using var service = await starting.Within();
        var id = Guid.NewGuid();
        await service.Services.GetRequiredService<IBus>().Publish(new CountSheep(id), Cancellation);
        await service.Services.GetRequiredService<Flock>().Arrived(id).Within();
    }

    [Fact]
    public async Task A_start_that_waits_for_the_broker_can_be_called_off()
    {
        using var app = Builder("amqp://guest:guest@127.0.0.1:1").Build();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var starting = app.StartAsync(stop.Token);
        Assert.False(starting.IsCompleted);
        await stop.CancelAsync();
        var stopped = await Assert.ThrowsAsync<StartupException>(() => starting.Within());
        Assert.Equal("stopped while it waited for RabbitMQ at 127.0.0.1:1", Assert.Single(stopped.Faults));
    }

    [Fact]
    public async Task A_refused_password_is_not_waited_for()
    {
        var address = new UriBuilder(rabbitmq.Server.ConnectionString) { Password = "wrong" };
        using var app = Builder(address.Uri.ToString()).Build();
        var refused = await Assert.ThrowsAsync<StartupException>(() => app.StartAsync(Cancellation).Within());
        Assert.Contains("ACCESS_REFUSED", Assert.Single(refused.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_names_the_broker_and_is_alive_without_it()
    {
        await using var server = await RabbitMqServer.StartAsync(Deadline.Token());
        await using var service = await StartAsync(server.ConnectionString);
        await UntilAsync(service, HealthStatus.Healthy);

        await server.KillAsync();
        await UntilAsync(service, HealthStatus.Unhealthy);
        Assert.True((await service.Client.GetAsync("/alive", Cancellation)).IsSuccessStatusCode);

        await server.RestartAsync(Cancellation);
        await UntilAsync(service, HealthStatus.Healthy);
    }

    private static Task UntilAsync(TestService service, HealthStatus status) => Deadline.UntilAsync(
        async () => (await service.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Entries["rabbitmq"].Status == status,
        $"RabbitMQ is {status}", cancellationToken: Cancellation);

    private static Task<TestService> StartAsync(string connectionString) => TestService.StartAsync(Builder(connectionString));

    private static WebApplicationBuilder Builder(string connectionString)
    {
        var builder = TestService.Builder(("ConnectionStrings:rabbitmq", connectionString));
        builder.Services.AddSingleton<Flock>();
        builder.AddMessaging("rabbitmq", bus =>
        {
            bus.AddConsumer<CountSheepConsumer>();
            bus.AddConsumer<LoseSheepConsumer>();
        });
        return builder;
    }

    private async Task DeclareAsync(string queue)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = MessagingExtensions.DeliveryLimit };
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: Cancellation);
    }

    private async Task<uint> ReadyAsync(string queue)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, Cancellation)).MessageCount;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return 0;
        }
    }

    private Task<IConnection> ConnectAsync() =>
        new ConnectionFactory { Uri = new Uri(rabbitmq.Server.ConnectionString) }.CreateConnectionAsync(Cancellation);
}

public sealed record CountSheep(Guid Id);

public sealed record LoseSheep(Guid Id);

internal sealed class Flock
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> sheep = new();

    public Task Arrived(Guid id) => Of(id).Task;

    public void Arrive(Guid id) => Of(id).TrySetResult();

    private TaskCompletionSource Of(Guid id) => sheep.GetOrAdd(id, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

internal sealed class CountSheepConsumer(Flock flock) : IConsumer<CountSheep>
{
    public Task Consume(ConsumeContext<CountSheep> context)
    {
        flock.Arrive(context.Message.Id);
        return Task.CompletedTask;
    }
}

internal sealed class LoseSheepConsumer : IConsumer<LoseSheep>
{
    public Task Consume(ConsumeContext<LoseSheep> context) => throw new InvalidOperationException("lost");
}
