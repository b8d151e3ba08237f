using System.Globalization;
using System.Security.Cryptography;
using Aspire.Hosting.Servers;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>Where the dashboard is, and the keys that open it.</summary>
internal sealed record DashboardSettings(int FrontendPort, int OtlpPort, int ResourceServicePort, string BrowserToken, string OtlpApiKey, string ResourceServiceApiKey)
{
    private const string FrontendSetting = "ASPNETCORE_URLS";
    private const string OtlpSetting = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";

    public string FrontendUrl => Loopback(FrontendPort);

    public string OtlpUrl => Loopback(OtlpPort);

    public string ResourceServiceUrl => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ResourceServicePort}");

    public string Greeting => $"Login to the dashboard at {FrontendUrl}/login?t={BrowserToken}";

    /// <summary>Words on ports that were taken.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <param name="configuration">May name addresses, of which the ports count, a token and a key.</param>
    /// <param name="randomizePorts">All ports are free ones.</param>
    public static DashboardSettings From(IConfiguration configuration, bool randomizePorts)
    {
        List<string> notes = [];
        return new DashboardSettings(
            randomizePorts ? FreePorts.Next() : PortOf(configuration, FrontendSetting, 18888, "dashboard", notes),
            randomizePorts ? FreePorts.Next() : PortOf(configuration, OtlpSetting, 18890, "dashboard's OTLP endpoint", notes),
            FreePorts.Next(),
            configuration["AppHost:BrowserToken"] is { Length: > 0 } token ? token : NewKey(),
            configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key ? key : NewKey(),
            NewKey())
        {
            Notes = notes,
        };
    }

    /// <summary>What projects' environments are made of.</summary>
    public Dictionary<string, string?> ToConfiguration() => new()
    {
        // Ours speaks HTTP alone.
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "",
        [OtlpSetting] = OtlpUrl,
        ["AppHost:OtlpApiKey"] = OtlpApiKey,
    };

    private static int PortOf(IConfiguration configuration, string setting, int usual, string what, List<string> notes)
    {
        var wanted = usual;
        if (configuration[setting] is { Length: > 0 } urls)
        {
            if (Uri.TryCreate(urls.Split(';')[0], UriKind.Absolute, out var url) && url.Port > 0)
                wanted = url.Port;
            else
                notes.Add($"{setting} is '{urls}', which is no address such as {Loopback(usual)}.");
        }
        if (FreePorts.IsFree(wanted))
            return wanted;
        var other = FreePorts.Next();
        notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"Port {wanted} is taken{Orchestration.PortOwner.Describe(wanted)}: the {what} is at {Loopback(other)} this time. Choose another with --{setting}={Loopback(wanted + 10)}."));
        return other;
    }

    private static string NewKey() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static string Loopback(int port) => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
}
