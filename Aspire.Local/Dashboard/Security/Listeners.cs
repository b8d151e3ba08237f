namespace Aspire.Dashboard.Security;

/// <summary>The two addresses of the process, both on loopback: pages for people, and OTLP for services.</summary>
internal sealed record Listeners(int FrontendPort, int OtlpPort)
{
    private const int DefaultFrontendPort = 18888;
    private const int DefaultOtlpPort = 18890;

    public string[] Urls => [$"http://localhost:{FrontendPort}", $"http://localhost:{OtlpPort}"];

    public static Listeners From(IConfiguration configuration) => new(
        PortOf(configuration["ASPNETCORE_URLS"]) ?? DefaultFrontendPort,
        PortOf(configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"]) ?? DefaultOtlpPort);

    private static int? PortOf(string? urls) => Uri.TryCreate(urls?.Split(';')[0], UriKind.Absolute, out var url) ? url.Port : null;
}
