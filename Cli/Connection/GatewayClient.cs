using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Sluice.Cli.Connection;

/// <summary>Asks the gateway. What isn't a success is a <see cref="CommandFailure"/> with the gateway's own words.</summary>
internal sealed class GatewayClient : IDisposable
{
    /// <summary>An answer that isn't there by then won't come.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    private readonly ConnectionSettings settings;
    private readonly HttpClient http;

    public GatewayClient(ConnectionSettings settings)
    {
        this.settings = settings;

        // A proxy of the surroundings leads to other machines.
        http = new HttpClient(new SocketsHttpHandler { UseProxy = !settings.Gateway.IsLoopback, ConnectTimeout = TimeSpan.FromSeconds(10) })
        {
            BaseAddress = settings.Gateway,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (settings.Key is { } key)
            http.DefaultRequestHeaders.Add("X-API-Key", key);
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <param name="path">Below the gateway's address, without a slash in front.</param>
    /// <param name="body">Sent as JSON; null for none.</param>
    /// <returns>The answer; undefined where it has no body.</returns>
    /// <exception cref="CommandFailure">There was no answer, or it is no success.</exception>
    public async Task<JsonElement> SendAsync(
        HttpMethod method, string path, object? body, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, options: JsonSerializerOptions.Web) };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(patience);
        try
        {
            using var response = await http.SendAsync(request, timeout.Token);
            await EnsureAsync(response, timeout.Token);
            return response.StatusCode == HttpStatusCode.NoContent ? default : await response.Content.ReadFromJsonAsync<JsonElement>(timeout.Token);
        }
        catch (HttpRequestException exception)
        {
            throw Unreachable(exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable($"no answer within {patience.TotalSeconds:0} s");
        }
        catch (JsonException)
        {
            throw new CommandFailure(ExitCode.Failed, $"What answers at {settings.Gateway} is no gateway of Sluice: it gave something else than JSON.");
        }
    }

    /// <summary>Opens a stream of server-sent events.</summary>
    /// <param name="lastEventId">The last one that was seen; null at first.</param>
    /// <returns>An answer that succeeds, with its body still to come.</returns>
    /// <exception cref="CommandFailure">There was no answer, or it is no success.</exception>
    public async Task<HttpResponseMessage> OpenAsync(string path, string? lastEventId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        try
        {
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            await EnsureAsync(response, cancellationToken);
            return response;
        }
        catch (HttpRequestException exception)
        {
            throw Unreachable(exception.Message);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task EnsureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
            throw await Problem.ReadAsync(response, hasKey: settings.Key is not null, cancellationToken);
    }

    private CommandFailure Unreachable(string reason) => new(
        ExitCode.Unreachable, $"No gateway answers at {settings.Gateway}: {reason}. Another is named with --gateway or {ConnectionSettings.GatewayVariable}.");
}
