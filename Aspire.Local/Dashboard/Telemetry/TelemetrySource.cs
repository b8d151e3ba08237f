namespace Aspire.Dashboard.Telemetry;

/// <summary>Who sent: a service, or one replica of it.</summary>
/// <param name="Service">OTLP's <c>service.name</c>.</param>
/// <param name="Name">OTLP's <c>service.instance.id</c>, which the AppHost makes the replica's name; the service where there is none.</param>
public sealed record TelemetrySource(string Service, string Name)
{
    /// <summary>Which of the palette's colours it has everywhere.</summary>
    public int Colour { get; } = Hash(Service) % Palette;

    private const int Palette = 12;

    // The same in every run, unlike string.GetHashCode.
    private static int Hash(string text) => (int)(text.Aggregate(2166136261u, (hash, character) => (hash ^ character) * 16777619u) >> 4);
}
