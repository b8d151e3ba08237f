using System.Net;

namespace Sluice.RateLimiting;

/// <summary>
/// Lets each request wait for a permit, gives the permit back when the response's headers are there, and obeys refusals (429) for all
/// processes. It goes inside of anything that retries, so that every attempt has a permit of its own. Thread-safe.
/// </summary>
/// <param name="ledger">Grants the permits.</param>
/// <param name="account">Whose budget the requests are charged to.</param>
/// <param name="observer">Is told of refusals.</param>
/// <param name="time">The clock of leases, and of dates in <c>Retry-After</c>.</param>
public sealed class PermitLedgerHandler(PermitLedger ledger, LedgerAccount account, IOutboundObserver observer, TimeProvider time) : DelegatingHandler
{
    /// <summary>How long the server is left alone after a refusal that doesn't say: 1 s.</summary>
    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(31);

    /// <summary>The request option that says whose wait it is, such as an import's id.</summary>
    public static HttpRequestOptionsKey<string> Tag { get; } = new("Sluice.PermitLedger.Tag");

    /// <summary>The request option that gives up the wait for a permit; a request that has its permit is not affected.</summary>
    public static HttpRequestOptionsKey<CancellationToken> PermitUnwanted { get; } = new("Sluice.PermitLedger.PermitUnwanted");

    /// <inheritdoc/>
    /// <exception cref="TaskCanceledException">
    /// The caller gave up; or the lease ended without a response: the inner exception is a <see cref="TimeoutException"/> then.
    /// </exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var tag = request.Options.TryGetValue(Tag, out var found) ? found : null;
        var unwanted = request.Options.TryGetValue(PermitUnwanted, out var token) ? token : CancellationToken.None;
        var permit = await AcquireAsync(tag, unwanted, cancellationToken).ConfigureAwait(false);

        // Without a body .NET may send a request a second time by itself, when a connection that it reuses breaks. That one has no permit.
        request.Content ??= new ByteArrayContent([]);
        HttpResponseMessage response;
        try
        {
            response = await SendAsync(request, permit.LeaseLeft, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
        {
            // There was no connection to send it on.
            permit.Return();
            throw;
        }

        // Only a response proves that the request has arrived. Where none came it may yet arrive, and is counted at the lease's end.
        permit.Release();
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
            await ObeyAsync(response, tag, cancellationToken).ConfigureAwait(false);
        return response;
    }

    private async Task<Permit> AcquireAsync(string? tag, CancellationToken unwanted, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, unwanted);
        while (true)
        {
            var permit = await ledger.AcquireAsync(account, tag, either.Token).ConfigureAwait(false);
            if (permit.LeaseLeft > TimeSpan.Zero && !either.IsCancellationRequested)
                return permit;
            permit.Return();
            either.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan lease, CancellationToken cancellationToken)
    {
        using var leaseEnd = new CancellationTokenSource(lease > TimeSpan.Zero ? lease : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, leaseEnd.Token);
        try
        {
            return await base.SendAsync(request, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (leaseEnd.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TaskCanceledException(
                $"No response within the lease of {account.Lease:c}.", new TimeoutException(exception.Message, exception), leaseEnd.Token);
        }
    }

    private async Task ObeyAsync(HttpResponseMessage response, string? tag, CancellationToken cancellationToken)
    {
        var asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            // By the server's own clock, where it tells it.
            { Date: { } date } => date - (response.Headers.Date ?? time.GetUtcNow()),
            _ => DefaultPause,
        };
        var pause = TimeSpan.FromTicks(Math.Clamp(asked.Ticks, 0, LongestPause.Ticks));
        if (await ledger.PauseAsync(account, pause, cancellationToken).ConfigureAwait(false))
            observer.Refused(new OutboundRefusal(account.Name, tag, pause));
    }
}
