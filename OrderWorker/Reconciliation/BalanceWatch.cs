using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Sluice.OrderWorker.Reconciliation;

/// <summary>Proves stock from its rows again and again, for the metric; a difference is an error in the log too.</summary>
internal sealed partial class BalanceWatch : BackgroundService
{
    private readonly Balance balance;
    private readonly OrderWorkerOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<BalanceWatch> logger;
    private long difference;

    public BalanceWatch(Balance balance, IMeterFactory meters, IOptions<OrderWorkerOptions> options, TimeProvider time, ILogger<BalanceWatch> logger)
    {
        (this.balance, this.options, this.time, this.logger) = (balance, options.Value, time, logger);
        meters.Create("Sluice.Settlement").CreateObservableGauge(
            "sluice.inventory.difference", () => Volatile.Read(ref difference), "{unit}", "Units lost or sold twice, over all SKUs: 0");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.ReconcileInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var wrong = (await balance.ReadAsync(stoppingToken)).Where(sku => sku.Difference != 0).ToList();
                Volatile.Write(ref difference, wrong.Sum(sku => Math.Abs(sku.Difference)));
                foreach (var sku in wrong)
                    LogDifference(sku.Sku, sku.Supplied, sku.Sold, sku.Stock);
            }
            catch (NpgsqlException exception)
            {
                LogNotRead(exception.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The stock of {Sku} does not add up: {Supplied} supplied, {Sold} sold, {Stock} left", EventName = "StockDiffers")]
    private partial void LogDifference(string sku, long supplied, long sold, long stock);

    [LoggerMessage(2, LogLevel.Warning, "Stock could not be proved and will be: {Reason}", EventName = "StockNotProved")]
    private partial void LogNotRead(string reason);
}
