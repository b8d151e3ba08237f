using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Sluice.RateLimiting;

namespace Sluice.Sources.Options;

/// <summary>A configured source with its defaults filled in.</summary>
public sealed record Source(string Name, SourceOptions Options)
{
    private static readonly TimeSpan[] DefaultRetryDelays = [.. new[] { 30, 60, 120, 240 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    public LedgerAccount Account { get; } = new(
        AccountOf(Name, Options), [.. Options.Limits.Select(limit => new LedgerTier(limit.Permits, limit.Window))], Options.Lease);

    /// <summary>Ends with a slash, so that relative paths are below it.</summary>
    public Uri BaseAddress { get; } = new(Options.BaseAddress.EndsWith('/') ? Options.BaseAddress : Options.BaseAddress + "/");

    public IReadOnlyList<TimeSpan> RetryDelays { get; } = Options.RetryDelays ?? DefaultRetryDelays;

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
