using System.Diagnostics.Metrics;

namespace Sluice.RateLimiting.Outbound;

/// <summary>Metrics of the ledger and its clients. Accounts are configured, so they are a tag with an end.</summary>
internal sealed class LedgerMetrics
{
    private readonly Counter<long> permits;
    private readonly Counter<long> refusals;
    private readonly Histogram<double> waits;
    private readonly Histogram<int> drift;
    private readonly Gauge<double> rate;

    public LedgerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Sluice.RateLimiting.Ledger");
        permits = meter.CreateCounter<long>("sluice.ledger.permits", "{permit}", "Permits granted to this process, by account");
        refusals = meter.CreateCounter<long>("sluice.ledger.refusals", "{response}", "Responses of 429 that this process got, by account");
        waits = meter.CreateHistogram<double>("sluice.ledger.wait", "s", "Waits that this process's requests shared, by account and cause");
        drift = meter.CreateHistogram<int>(
            "sluice.ledger.drift", "{request}", "Requests within a window that the server counts and the ledger doesn't know of, by account");
        rate = meter.CreateGauge<double>("sluice.ledger.rate", "{permit}/s", "The pace of accounts that have one, by account");
    }

    public void Granted(LedgerAccount account, int number) => permits.Add(number, Tag(account));

    public void Refused(LedgerAccount account) => refusals.Add(1, Tag(account));

    public void Measured(LedgerAccount account, LedgerAnswer answer)
    {
        if (answer.Drift >= 0)
            drift.Record(answer.Drift, Tag(account));
        if (answer.Interval > TimeSpan.Zero)
            rate.Record(1 / answer.Interval.TotalSeconds, Tag(account));
    }

    public void Waited(LedgerAccount account, WaitCause cause, TimeSpan length) =>
        waits.Record(length.TotalSeconds, Tag(account), new("cause", cause.ToString().ToLowerInvariant()));

    // Those that are told apart within an account have no tag of their own: there is no end to them.
    private static KeyValuePair<string, object?> Tag(LedgerAccount account) => new("account", account.MeterName);
}
