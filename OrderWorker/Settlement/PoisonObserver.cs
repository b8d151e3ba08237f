using MassTransit;
using Microsoft.Extensions.Logging;

namespace Sluice.OrderWorker.Settlement;

/// <summary>Counts the messages that the bus moves to an error queue: those that cannot be read, and those whose consumer failed.</summary>
internal sealed partial class PoisonObserver(SettlementMetrics metrics, ILogger<PoisonObserver> logger) : IReceiveObserver
{
    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) where T : class =>
        CountAsync(context.ReceiveContext, exception);

    public Task ReceiveFault(ReceiveContext context, Exception exception) => CountAsync(context, exception);

    private Task CountAsync(ReceiveContext context, Exception exception)
    {
        metrics.Poisoned();
        LogPoisoned(context.InputAddress.AbsolutePath, exception.Message);
        return Task.CompletedTask;
    }

    [LoggerMessage(1, LogLevel.Error, "A message of {Queue} went to the error queue: {Reason}", EventName = "MessagePoisoned")]
    private partial void LogPoisoned(string queue, string reason);
}
