using System.Net;
using System.Text.Json;
using Sluice.RateLimiting;
using Sluice.Sources.Options;
using Sluice.Sources.Records;

namespace Sluice.Sources.Reading;

/// <summary>A page or a detail as the source sent it.</summary>
internal sealed record SourceDocument(JsonElement Body, Uri Address, IReadOnlyList<string> Links);

/// <summary>Sends a source's requests: each one waits for its turn and a permit, has a bounded body, and stays with its server.</summary>
internal sealed class SourceClient(IHttpClientFactory clients, SourceTurns turns, PausedWork paused, TimeProvider time)
{
    public static string ClientName(string source) => $"source:{source}";

    /// <exception cref="SourceException">No answer that can be used.</exception>
    public async Task<SourceDocument> GetAsync(Source source, Guid importId, string address, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName(source.Name));
        using var entry = paused.Enter(importId, out var isPaused);
        using var patience = new CancellationTokenSource(source.Options.PermitWait + source.Options.Lease, time);
        using var turn = await TakeTurnAsync(source, isPaused, patience.Token, cancellationToken);
        var target = Resolve(source, address);
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            request.Options.Set(OutboundRequest.Tag, importId.ToString());
            request.Options.Set(OutboundRequest.PermitUnwanted, isPaused);
            using var response = await SendAsync(client, source, request, isPaused, patience.Token, cancellationToken);
            await BufferAsync(source, request, response, cancellationToken);
            if (response.IsSuccessStatusCode)
                return await ParseAsync(request, response, cancellationToken);
            if (!IsRedirect(response) || response.Headers.Location is not { } location)
                throw Refused(request, response);
            if (redirects == source.Options.MaxRedirects)
                throw new SourceException(SourceFault.Permanent, $"GET {new Uri(source.BaseAddress, address).PathAndQuery} is redirected more than {source.Options.MaxRedirects} times");
            target = Resolve(source, new Uri(target, location).AbsoluteUri);
        }
    }

    /// <summary>Relative to the base address, and never off its host: the authentication header goes along.</summary>
    public static Uri Resolve(Source source, string address)
    {
        return Uri.TryCreate(source.BaseAddress, address, out var uri)
            && Uri.Compare(uri, source.BaseAddress, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
            ? uri
            : throw new SourceException(SourceFault.Permanent, $"'{address}' leads away from {source.BaseAddress.Host}");
    }

    private async Task<IDisposable> TakeTurnAsync(Source source, CancellationToken isPaused, CancellationToken patience, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience, isPaused);
        try
        {
            return await turns.TakeAsync(source, either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Postponed(source, exception, isPaused);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, Source source, HttpRequestMessage request, CancellationToken isPaused, CancellationToken patience, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience);
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        }
        catch (QuotaExhaustedException exception)
        {
            throw new SourceException(SourceFault.Quota, exception.Message, exception) { RetryAfter = exception.RetryAfter, ResetsAt = exception.ResetsAt };
        }
        catch (HttpRequestException exception)
        {
            throw new SourceException(SourceFault.Attempt, $"{Told(request)} failed: {exception.Message}", exception);
        }
        catch (TimeoutException exception)
        {
            throw TimedOut(source, request, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw exception.InnerException is TimeoutException ? TimedOut(source, request, exception)
                : isPaused.IsCancellationRequested || patience.IsCancellationRequested ? Postponed(source, exception, isPaused)
                : TimedOut(source, request, exception);
        }
    }

    private static async Task<SourceDocument> ParseAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var document = await JsonDocument.ParseAsync(stream, default, cancellationToken);
            var links = response.Headers.TryGetValues("Link", out var values) ? values.ToList() : [];
            return new SourceDocument(document.RootElement.Clone(), request.RequestUri!, links);
        }
        catch (JsonException exception)
        {
            // It may have been cut short, so another attempt is worth a permit.
            throw new SourceException(SourceFault.Attempt, $"{Told(request)} is no JSON: {exception.Message}", exception);
        }
    }

    private async Task BufferAsync(Source source, HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(source.Options.BodyTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await response.Content.LoadIntoBufferAsync(source.Options.MaxResponseBytes, either.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            throw new SourceException(SourceFault.Attempt, $"{Told(request)} broke off: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SourceException(SourceFault.Attempt, $"{Told(request)} had not ended after {source.Options.BodyTimeout}", exception);
        }
    }

    private SourceException Refused(HttpRequestMessage request, HttpResponseMessage response) =>
        new(FaultOf(response.StatusCode), $"{Told(request)} answered {(int)response.StatusCode} {response.ReasonPhrase}")
        {
            RetryAfter = response.Headers.RetryAfter switch
            {
                { Delta: { } delta } => delta,
                { Date: { } date } => date - time.GetUtcNow(),
                _ => null,
            },
        };

    // Client errors that speak of the request itself stay what they are; the rest (a key being changed, a lock, an overload) may pass.
    private static SourceFault FaultOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.TooManyRequests => SourceFault.Refusal,
        HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotAcceptable
            or HttpStatusCode.Gone or HttpStatusCode.RequestUriTooLong or HttpStatusCode.UnprocessableEntity
            or HttpStatusCode.UnavailableForLegalReasons => SourceFault.Permanent,
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => SourceFault.Permanent,
        _ => SourceFault.Attempt,
    };

    private static bool IsRedirect(HttpResponseMessage response) => response.StatusCode is HttpStatusCode.MovedPermanently
        or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static SourceException Postponed(Source source, Exception cause, CancellationToken isPaused) => new(
        SourceFault.Postponed, isPaused.IsCancellationRequested ? "it is paused" : $"no permit within {source.Options.PermitWait}", cause);

    private static SourceException TimedOut(Source source, HttpRequestMessage request, Exception cause) =>
        new(SourceFault.Attempt, $"{Told(request)} had no answer within {source.Options.Lease}", cause);

    private static string Told(HttpRequestMessage request) => $"GET {request.RequestUri!.PathAndQuery}";
}
