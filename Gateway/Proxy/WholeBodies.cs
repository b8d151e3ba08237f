using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Gateway.Proxy;

/// <summary>
/// Sends a small body together with its head. YARP sends the head as soon as it has one, so that a service can begin before a long body is there; with an
/// order's few bytes that is a second packet, which wakes the service twice, and one that waits in the middle of a request where the caller is slow.
/// </summary>
internal sealed class WholeBodies : ForwarderHttpClientFactory
{
    /// <summary>Of a body, in bytes: it fits into what the client writes at once, with its head.</summary>
    private const long Small = 2048;

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) => new Gatherer(handler);

    private sealed class Gatherer(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Content is { Headers.ContentLength: > 0 and <= Small } content
                ? SendWholeAsync(request, content, cancellationToken)
                : base.SendAsync(request, cancellationToken);

        private async Task<HttpResponseMessage> SendWholeAsync(HttpRequestMessage request, HttpContent content, CancellationToken cancellationToken)
        {
            var body = new MemoryStream((int)content.Headers.ContentLength!.Value);
            await content.CopyToAsync(body, cancellationToken);
            request.Content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length);
            foreach (var (name, values) in content.Headers.NonValidated)
                request.Content.Headers.TryAddWithoutValidation(name, values);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
