using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Sluice.ServiceDefaults.Messaging;

/// <summary>One connection to RabbitMQ beside the bus's own, to ask the broker how it is. Thread-safe.</summary>
public sealed class BrokerConnection(IConfiguration configuration, string connectionName) : IAsyncDisposable
{
    private readonly SemaphoreSlim opening = new(1, 1);
    private IConnection? connection;

    public Uri Address { get; } = new(configuration.GetConnectionString(connectionName)!);

    public static bool IsAway(Exception e) => e is RabbitMQClientException or IOException or TimeoutException;

    /// <summary>The open connection, a new one where the last was lost.</summary>
    public async Task<IConnection> OpenAsync(CancellationToken cancellationToken)
    {
        await opening.WaitAsync(cancellationToken);
        try
        {
            if (connection is { IsOpen: true })
                return connection;
            if (connection is not null)
                await connection.DisposeAsync();
            connection = null;
            var factory = new ConnectionFactory { Uri = Address, AutomaticRecoveryEnabled = false };
            return connection = await factory.CreateConnectionAsync(cancellationToken);
        }
        finally
        {
            opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
        opening.Dispose();
    }
}
