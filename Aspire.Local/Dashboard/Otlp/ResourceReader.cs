using System.Text;
using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Otlp;

/// <summary>Finds out who sent. One thread's.</summary>
internal sealed class ResourceReader(SourceDirectory sources)
{
    private const int MaxSources = 500;
    private static readonly TelemetrySource nobody = new("unknown", "unknown");
    private static readonly TelemetrySource others = new("others", "others");

    private readonly Dictionary<(string Service, string Instance), TelemetrySource> known = [];

    /// <param name="resource">OTLP's Resource.</param>
    public TelemetrySource Read(ReadOnlySpan<byte> resource)
    {
        string service = "", instance = "";
        foreach (var (key, value) in KeyValues.Read(resource, 1))
        {
            if (key == "service.name")
                service = value;
            else if (key == "service.instance.id")
                instance = value;
        }
        if (service.Length == 0)
            return nobody;
        if (instance.Length == 0)
            instance = service;
        if (known.TryGetValue((service, instance), out var source))
            return source;
        if (known.Count == MaxSources)
            return others;
        source = known[(service, instance)] = new TelemetrySource(Short(service), Short(instance), ColourOf(service));
        sources.Add(source);
        return source;
    }

    /// <summary>The resource of a ResourceSpans, ResourceLogs or ResourceMetrics, wherever in it it stands.</summary>
    public TelemetrySource ReadFrom(ReadOnlySpan<byte> message)
    {
        var reader = new WireReader(message);
        return reader.NextOf(1) ? Read(reader.Bytes()) : nobody;
    }

    /// <summary>The scope's name in a ScopeSpans, ScopeLogs or ScopeMetrics.</summary>
    public static string ScopeOf(ReadOnlySpan<byte> message, Names names)
    {
        var reader = new WireReader(message);
        while (reader.NextOf(1))
        {
            var scope = new WireReader(reader.Bytes());
            if (scope.NextOf(1))
                return names.Get(scope.Bytes());
        }
        return "";
    }

    // In the order of their coming: a dozen services have a dozen colours.
    private int ColourOf(string service) =>
        known.FirstOrDefault(entry => entry.Key.Service == service).Value?.Colour
        ?? known.Keys.Select(key => key.Service).Distinct().Count() % TelemetrySource.Colours;

    private static string Short(string name) => name.Length <= 100 ? name : string.Concat(name.AsSpan(0, 100), "…");
}
