using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sluice.RateLimiting.Outbound;

/// <summary>What the handlers of one client share, however often its handlers are made anew. Thread-safe.</summary>
internal sealed class OutboundClient
{
    private readonly ConcurrentDictionary<string, LedgerAccount> accounts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, QuotaGate> gates = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EndpointBreaker> breakers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Func<HttpRequestMessage, string>? partition;
    private readonly LedgerAccount account;
    private readonly IOutboundObserver observer;
    private readonly LedgerMetrics metrics;
    private readonly Func<LedgerAccount, QuotaGate> newGate;
    private readonly Func<string, EndpointBreaker> newBreaker;

    public OutboundClient(
        string name, RateLimitedClientOptions options, PermitLedger ledger, ILedgerJournal journal, IOutboundObserver observer, LedgerMetrics metrics,
        TimeProvider time, ILogger<OutboundClient> logger)
    {
        (Options, Ledger, Time, this.observer, this.metrics) = (options, ledger, time, observer, metrics);
        account = options.DescribeAccount(name);
        partition = options.AccountOf ?? AccountPartition.Parse(options.Partition);
        newGate = charged => new QuotaGate(charged, [.. options.Quotas], journal, time, logger);
        newBreaker = endpoint => new EndpointBreaker(endpoint, options.Breaker, time, logger);
    }

    public RateLimitedClientOptions Options { get; }

    public PermitLedger Ledger { get; }

    public TimeProvider Time { get; }

    public LedgerAccount AccountOf(HttpRequestMessage request) =>
        partition is null ? account : accounts.GetOrAdd(partition(request), static (name, whole) => whole.For(name), account);

    /// <summary>Null where there are no quotas.</summary>
    public QuotaGate? GateOf(LedgerAccount charged) =>
        Options.Quotas.Count == 0 ? null : gates.GetOrAdd(charged.Name, static (_, created) => created.newGate(created.charged), (newGate, charged));

    /// <summary>Null where there are no breakers.</summary>
    public EndpointBreaker? BreakerOf(HttpRequestMessage request) =>
        Options.Breaker.Enabled ? breakers.GetOrAdd(request.RequestUri!.GetLeftPart(UriPartial.Authority), newBreaker) : null;

    public void Waited(HttpRequestMessage request, WaitCause cause, long since)
    {
        var (charged, now) = (AccountOf(request), Time.GetTimestamp());
        metrics.Waited(charged, cause, Time.GetElapsedTime(since, now));
        if (OutboundRequest.TagOf(request) is { } tag)
            observer.Waited(new OutboundWait(charged.Name, tag, cause, since, now));
    }

    public void Refused(LedgerAccount charged, HttpRequestMessage request, TimeSpan pause) =>
        observer.Refused(new OutboundRefusal(charged.Name, OutboundRequest.TagOf(request), pause));
}
