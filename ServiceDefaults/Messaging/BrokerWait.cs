using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;
using Sluice.ServiceDefaults.Startup;

namespace Sluice.ServiceDefaults.Messaging;

/// <summary>
/// Lets the bus start once the broker answers. The bus would wait too, but with pauses that grow to a minute and a page of stack trace for each.
/// </summary>
internal sealed partial class BrokerWait(BrokerConnection broker, TimeProvider time, ILogger<BrokerWait> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <exception cref="StartupException">The broker refuses the credentials, or the host is stopped meanwhile.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WaitAsync(cancellationToken);
        }
        catch (BrokerUnreachableException e) when (e.InnerException is AuthenticationFailureException refusal)
        {
            throw new StartupException([$"RabbitMQ at {broker.Address.Host}:{broker.Address.Port}: {refusal.Message}"], e);
        }
        catch (OperationCanceledException e)
        {
            throw new StartupException([$"stopped while it waited for RabbitMQ at {broker.Address.Host}:{broker.Address.Port}"], e);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await broker.OpenAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (BrokerConnection.IsAway(e) && e.InnerException is not AuthenticationFailureException)
            {
                if (attempt == 1)
                    LogWaiting(broker.Address.Host, broker.Address.Port, e.GetBaseException().Message);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Waiting for RabbitMQ at {Host}:{Port}: {Reason}", EventName = "WaitingForRabbitMq")]
    private partial void LogWaiting(string host, int port, string reason);
}
