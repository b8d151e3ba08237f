using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Sources.Options;
using Sluice.Sources.Records;

namespace Sluice.Sources.Rehearsal;

/// <summary>
/// Goes through a process's part of an import when it starts, of one that is not there: else the first import would wait for more than a second until
/// its code is compiled and its connections are open.
/// </summary>
public abstract partial class StartRehearsal(IOptions<ImportOptions> options, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    protected ImportOptions Options => options.Value;

    protected TimeProvider Time => time;

    protected abstract Task RehearseAsync(CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!Options.Rehearse)
            return;
        using var patience = new CancellationTokenSource(Longest, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, patience.Token);
        using var activity = ImportTelemetry.Activities.StartActivity("import.rehearsal");
        try
        {
            await RehearseAsync(either.Token);
        }
        catch (Exception exception)
        {
            // A server is away, whatever that throws: those who need it say so.
            LogNotRehearsed(exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The first import will take a second longer; it could not be rehearsed: {Reason}", EventName = "NotRehearsed")]
    private partial void LogNotRehearsed(string reason);
}
