using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;

namespace Sluice.Dashboard.Gateway;

/// <summary>Calls the API through the gateway, with the dashboard's own key. Whatever goes wrong is a <see cref="GatewayException"/>. Thread-safe.</summary>
public sealed class GatewayClient(IHttpClientFactory clients)
{
    public const string Name = "gateway";

    private static readonly JsonSerializerOptions json = JsonSerializerOptions.Web;

    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) => SendAsync<T>(HttpMethod.Get, path, null, cancellationToken);

    /// <param name="method">The request's method.</param>
    /// <param name="path">Path and query, as in <c>/imports?limit=50</c>.</param>
    /// <param name="body">Sent as JSON; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GatewayException">It was refused, or there was no answer.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, body, cancellationToken);
        try
        {
            return await answer.Content.ReadFromJsonAsync<T>(json, cancellationToken)
                ?? throw new GatewayException("The gateway's answer was empty.", answer.StatusCode);
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException)
        {
            throw new GatewayException("The gateway's answer could not be read.", answer.StatusCode, cause: exception);
        }
    }

    /// <inheritdoc cref="SendAsync{T}"/>
    public async Task SendWithoutAnswerAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        (await SendAsync(method, path, body, cancellationToken)).Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = JsonContent.Create(body, options: json);
        try
        {
            var answer = await clients.CreateClient(Name).SendAsync(request, cancellationToken);
            return answer.IsSuccessStatusCode ? answer : throw await FaultOfAsync(answer, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new GatewayException("The gateway cannot be reached.", cause: exception);
        }
    }

    private static async Task<GatewayException> FaultOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        using var refused = answer;
        var problem = await TryReadAsync(refused, cancellationToken);
        var message = problem?.Detail ?? problem?.Errors.Values.SelectMany(errors => errors).FirstOrDefault() ?? problem?.Title;
        return refused.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new GatewayException(
                $"The gateway refuses the dashboard's key (Dashboard:ApiKey). {message}", refused.StatusCode),
            HttpStatusCode.TooManyRequests => new GatewayException("The gateway's limit for the dashboard is used up.", refused.StatusCode),
            _ => new GatewayException(message ?? $"The gateway answered {(int)refused.StatusCode}.", refused.StatusCode, problem?.Errors.AsReadOnly()),
        };
    }

    private static async Task<ValidationProblemDetails?> TryReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentType?.MediaType is not "application/problem+json")
            return null;
        try
        {
            return await answer.Content.ReadFromJsonAsync<ValidationProblemDetails>(json, cancellationToken);
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException)
        {
            return null;
        }
    }
}
