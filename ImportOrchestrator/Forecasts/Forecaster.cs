using Sluice.Contracts;
using Sluice.ImportOrchestrator.Api;
using Sluice.RateLimiting;
using Sluice.Sources.Options;
using StackExchange.Redis;

namespace Sluice.ImportOrchestrator.Forecasts;

/// <summary>Forecasts open imports from their rows, the ledger of their account, and its limits.</summary>
internal sealed class Forecaster(ForecastStore store, LedgerReader ledgers, ILedgerJournal journal, SourceCatalog sources, TimeProvider time)
{
    /// <summary>Requests, and seconds at work, that say how fast an import is when nothing holds it up.</summary>
    private const int EnoughRequests = 50;
    private const double EnoughSeconds = 2;

    /// <returns>Null where the import has ended, or its source is no longer configured.</returns>
    public async Task<ImportForecast?> ForecastAsync(ImportRow row, CancellationToken cancellationToken)
    {
        if (row.EndedAt is not null || sources.Find(row.Source) is not { } source)
            return null;
        var (work, others) = await store.ReadAsync(row.Id, source.Options.List.PageSize, cancellationToken);
        var (reading, isKnown) = await TryReadAsync(source.Account);
        var now = time.GetUtcNow();
        var input = new ForecastInput(
            work, Experienced(row), source.RetryDelays, source.PacedLimits, reading,
            await QuotasAsync(source, now, cancellationToken),
            [.. others.Where(other => sources.Find(other.Source)?.Account.Name == source.Account.Name).Select(other => other.Requests)]);
        return row switch
        {
            { PauseCause: "operator" } => Forecast.Unknown(input, row.PauseReason ?? "it is paused"),
            _ when !isKnown => Forecast.Of(input, now) is var forecast ? forecast with { Reason = $"{forecast.Reason}; the ledger can't be read" } : null,
            _ => Forecast.Of(input, now),
        };
    }

    private async Task<IReadOnlyList<Quota>> QuotasAsync(Source source, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (source.Options.Quotas.Length == 0)
            return [];
        QuotaPeriod[] periods = [.. source.Options.Quotas.Select(quota => QuotaPeriod.At(quota, now))];
        var use = await journal.ChargeAsync(source.Account.Name, periods, requests: 0, cancellationToken);
        return [.. periods.Select((period, index) => new Quota(
            period.Kind == QuotaKind.Day ? "day" : "month", period.Limit, use.Used[index], period.End - now,
            QuotaPeriod.At(source.Options.Quotas[index], period.End).End - period.End))];
    }

    private static Experience Experienced(ImportRow row)
    {
        var failures = row.Requests - row.Imported - row.Pages - row.Hits;
        var atWork = row.DurationSeconds - row.IdleSeconds;
        return new Experience(
            row.Imported + failures, failures, row.Requests >= EnoughRequests && atWork >= EnoughSeconds ? row.Requests / atWork : null);
    }

    private async Task<(LedgerReading Reading, bool IsKnown)> TryReadAsync(LedgerAccount account)
    {
        try
        {
            return (await ledgers.ReadAsync(account), true);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return (LedgerReading.Empty, false);
        }
    }
}
