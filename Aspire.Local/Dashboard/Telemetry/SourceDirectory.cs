using System.Collections.Concurrent;

namespace Aspire.Dashboard.Telemetry;

/// <summary>Who has sent telemetry. Thread-safe.</summary>
internal sealed class SourceDirectory
{
    private readonly ConcurrentDictionary<string, TelemetrySource> sources = [];

    public IReadOnlyList<string> Names => [.. sources.Keys.Order(StringComparer.Ordinal)];

    public IReadOnlyList<TelemetrySource> All => [.. sources.Values.OrderBy(source => source.Name, StringComparer.Ordinal)];

    public void Add(TelemetrySource source) => sources.TryAdd(source.Name, source);
}
