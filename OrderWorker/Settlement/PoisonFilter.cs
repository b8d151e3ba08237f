using MassTransit;
using Microsoft.Extensions.Logging;

namespace Sluice.OrderWorker.Settlement;

/// <summary>
/// Counts the messages that the bus has moved to an error queue: those that cannot be read, and those whose consumer failed. The bus calls it a
/// fault too when a connection is lost or a worker stops, but such messages come again.
/// </summary>
internal sealed partial class PoisonFilter(SettlementMetrics metrics, ILogger<PoisonFilter> logger) : IFilter<ExceptionReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("poison");

    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        metrics.Poisoned();
        LogPoisoned(context.InputAddress.AbsolutePath, context.Exception.Message);
        return next.Send(context);
    }

    [LoggerMessage(1, LogLevel.Error, "A message of {Queue} went to the error queue: {Reason}", EventName = "MessagePoisoned")]
    private partial void LogPoisoned(string queue, string reason);
}
