namespace Aspire.Dashboard.Telemetry;

/// <summary>Who sent: a service, or one replica of it.</summary>
/// <param name="Service">OTLP's <c>service.name</c>.</param>
/// <param name="Name">OTLP's <c>service.instance.id</c>, which the AppHost makes the replica's name; the service where there is none.</param>
/// <param name="Colour">Which of the palette's colours its service has everywhere: 0 to 11.</param>
public sealed record TelemetrySource(string Service, string Name, int Colour = 0)
{
    public const int Colours = 12;
}
