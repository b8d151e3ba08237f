using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Sluice.ItemApi.Orders;

/// <summary>One for messages, and one for questions: a question that the broker dislikes closes its channel.</summary>
internal sealed class OrderChannels : IAsyncDisposable
{
    private readonly IConnection connection;
    private volatile bool isBlocked;

    public OrderChannels(IConnection connection, IChannel asking, IChannel publishing)
    {
        (this.connection, Asking, Publishing) = (connection, asking, publishing);
        connection.ConnectionBlockedAsync += OnBlocked;
        connection.ConnectionUnblockedAsync += OnUnblocked;
    }

    public IChannel Asking { get; }

    public IChannel Publishing { get; }

    /// <summary>They are open still, and no good.</summary>
    public bool IsLost { get; set; }

    public bool IsOpen => !IsLost && connection.IsOpen && Asking.IsOpen && Publishing.IsOpen;

    /// <summary>Not while the broker is short of memory or disk and takes nothing.</summary>
    public bool IsUsable => IsOpen && !isBlocked;

    public async ValueTask DisposeAsync()
    {
        connection.ConnectionBlockedAsync -= OnBlocked;
        connection.ConnectionUnblockedAsync -= OnUnblocked;
        await Asking.DisposeAsync();
        await Publishing.DisposeAsync();
    }

    private Task OnBlocked(object sender, ConnectionBlockedEventArgs e)
    {
        isBlocked = true;
        return Task.CompletedTask;
    }

    private Task OnUnblocked(object sender, AsyncEventArgs e)
    {
        isBlocked = false;
        return Task.CompletedTask;
    }
}
