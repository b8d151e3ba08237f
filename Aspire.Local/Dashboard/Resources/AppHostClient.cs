using System.Runtime.CompilerServices;
using System.Text.Json;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.Options;

namespace Aspire.Dashboard.Resources;

/// <summary>Asks the AppHost. Thread-safe.</summary>
internal sealed class AppHostClient : IDisposable
{
    public const string KeyHeader = "x-resource-service-api-key";

    private readonly HttpClient http;

    public AppHostClient(IOptions<DashboardOptions> options)
    {
        var service = options.Value.ResourceServiceClient;
        IsKnown = service.Url.Length > 0;
        http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
        if (!IsKnown)
            return;
        http.BaseAddress = new Uri(service.Url);
        http.DefaultRequestHeaders.Add(KeyHeader, service.ApiKey);
    }

    /// <summary>False: this dashboard runs without an AppHost.</summary>
    public bool IsKnown { get; }

    /// <summary>The present state of every replica, and then every change.</summary>
    /// <exception cref="HttpRequestException">The AppHost doesn't answer. So do the other methods.</exception>
    public IAsyncEnumerable<ResourceMessage> WatchAsync(CancellationToken cancellationToken) => LinesAsync(
        "/resources", line => JsonSerializer.Deserialize(line, ResourceJson.Default.ResourceMessage)!, cancellationToken);

    /// <summary>The lines of a replica that are kept, and then each that comes.</summary>
    public IAsyncEnumerable<ConsoleLine[]> ConsoleAsync(string id, CancellationToken cancellationToken) => LinesAsync(
        $"/resources/{Uri.EscapeDataString(id)}/console", line => JsonSerializer.Deserialize(line, ResourceJson.Default.ConsoleLineArray)!, cancellationToken);

    public async Task<CommandOutcome> ExecuteAsync(string id, string command, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsync($"/resources/{Uri.EscapeDataString(id)}/commands/{Uri.EscapeDataString(command)}", null, cancellationToken);
        response.EnsureSuccessStatusCode();
        return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(cancellationToken), ResourceJson.Default.CommandOutcome)!;
    }

    public void Dispose() => http.Dispose();

    private async IAsyncEnumerable<T> LinesAsync<T>(string path, Func<string, T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
                yield return read(line);
        }
    }
}
