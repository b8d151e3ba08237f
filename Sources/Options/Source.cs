using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Sluice.RateLimiting;

namespace Sluice.Sources.Options;

/// <summary>A configured source with its defaults filled in.</summary>
public sealed record Source(string Name, SourceOptions Options)
{
    /// <summary>Of a leaky bucket that has no limit configured.</summary>
    private const int DefaultPerMinute = 60;

    private static readonly TimeSpan[] DefaultRetryDelays = [.. new[] { 30, 60, 120, 240 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    /// <summary>Whose budget the requests are charged to.</summary>
    public LedgerAccount Account { get; } = Limits(Name, Options).DescribeAccount(Name);

    /// <summary>Ends with a slash, so that relative paths are below it.</summary>
    public Uri BaseAddress { get; } = new(Options.BaseAddress.EndsWith('/') ? Options.BaseAddress : Options.BaseAddress + "/");

    public IReadOnlyList<TimeSpan> RetryDelays { get; } = Options.RetryDelays ?? DefaultRetryDelays;

    /// <summary>What its pacing comes to, as windows: a rate is one request per interval, and one that nobody knows is none.</summary>
    public IReadOnlyList<LimitOptions> PacedLimits { get; } = Options.Pacing switch
    {
        ClientPacing.Windows => Options.Limits,
        ClientPacing.LeakyBucket => [new LimitOptions { Permits = 1, Window = RateOf(Options) }],
        _ => [],
    };

    /// <summary>
    /// Nothing is repeated by the client: the attempts at an item are on record. A used-up quota throws, so that the import can pause.
    /// </summary>
    internal void Limit(RateLimitedClientOptions client) => Limit(client, Name, Options);

    private static RateLimitedClientOptions Limits(string name, SourceOptions source)
    {
        var client = new RateLimitedClientOptions();
        Limit(client, name, source);
        return client;
    }

    private static void Limit(RateLimitedClientOptions client, string name, SourceOptions source)
    {
        client.Account = AccountOf(name, source);
        client.Pacing = source.Pacing;
        client.Burst = source.Burst;
        client.Lease = source.Lease;
        client.OnStoreFailure = source.OnStoreFailure;
        client.Instances = source.Instances;
        client.Retry.Attempts = 1;
        foreach (var limit in source.Limits)
            client.Limits.Add(new WindowOptions { Permits = limit.Permits, Window = limit.Window });
        foreach (var quota in source.Quotas)
            client.Quotas.Add(quota);
    }

    private static TimeSpan RateOf(SourceOptions options) =>
        options.Limits is [var limit, ..] ? limit.Window / limit.Permits : TimeSpan.FromMinutes(1) / DefaultPerMinute;

    internal static string AccountOf(string name, SourceOptions options) =>
        string.IsNullOrWhiteSpace(options.Account) ? name : options.Account;
}

/// <summary>The configured sources by name.</summary>
public sealed class SourceCatalog(IOptions<SourcesOptions> options)
{
    private readonly FrozenDictionary<string, Source> sources =
        options.Value.ToFrozenDictionary(entry => entry.Key, entry => new Source(entry.Key, entry.Value), StringComparer.Ordinal);

    public IEnumerable<string> Names(SourceKind kind) =>
        sources.Values.Where(source => source.Options.Kind == kind).Select(source => source.Name).Order(StringComparer.Ordinal);

    public IEnumerable<Source> All => sources.Values;

    public Source? Find(string name) => sources.GetValueOrDefault(name);
}

/// <summary>All of <c>Sources</c>, by name.</summary>
public sealed class SourcesOptions : Dictionary<string, SourceOptions>;
