using System.Diagnostics.Metrics;

namespace Sluice.RateLimiting.Outbound;

/// <summary>Metrics of the ledger. Accounts are configured, so they are a tag with an end.</summary>
internal sealed class LedgerMetrics
{
    private readonly Counter<long> permits;
    private readonly Counter<long> refusals;
    private readonly Histogram<double> waits;

    public LedgerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Sluice.RateLimiting.Ledger");
        permits = meter.CreateCounter<long>("sluice.ledger.permits", "{permit}", "Permits granted to this process, by account");
        refusals = meter.CreateCounter<long>("sluice.ledger.refusals", "{response}", "Responses of 429 that this process got, by account");
        waits = meter.CreateHistogram<double>("sluice.ledger.wait", "s", "Waits for permits that this process's requests shared, by account and cause");
    }

    public void Granted(LedgerAccount account, int number) => permits.Add(number, new KeyValuePair<string, object?>("account", account.Name));

    public void Refused(LedgerAccount account) => refusals.Add(1, new KeyValuePair<string, object?>("account", account.Name));

    public void Waited(LedgerAccount account, WaitCause cause, TimeSpan length) =>
        waits.Record(length.TotalSeconds, new("account", account.Name), new("cause", cause.ToString().ToLowerInvariant()));
}
