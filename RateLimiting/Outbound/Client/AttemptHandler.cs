using System.Net;
using Polly.CircuitBreaker;

namespace Sluice.RateLimiting.Outbound;

/// <summary>
/// Sends one attempt: charged to the quotas, then to the ledger, if the circuit is closed. It gives the permit back when the response's headers
/// are there, tells the ledger what they say, and obeys refusals (429) for all processes. Thread-safe.
/// </summary>
internal sealed class AttemptHandler(OutboundClient client) : DelegatingHandler
{
    /// <summary>How long the server is left alone after a refusal that doesn't say: 1 s.</summary>
    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(31);

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Without a body .NET may send a request a second time by itself, when a connection that it reuses breaks. That one has no permit.
        request.Content ??= new ByteArrayContent([]);
        var account = client.AccountOf(request);
        var (gate, breaker) = (client.GateOf(account), client.BreakerOf(request));
        var began = client.Time.GetTimestamp();
        while (true)
        {
            var charged = gate is null ? [] : await ChargeAsync(gate, request, cancellationToken).ConfigureAwait(false);
            Permit? permit = null;
            var change = Task.CompletedTask;
            try
            {
                permit = await AcquireAsync(account, request, began, cancellationToken).ConfigureAwait(false);
                Attempt attempt = new(request, account, permit);
                if (breaker is null)
                    return await SendAsync(attempt, cancellationToken).ConfigureAwait(false);
                change = breaker.NextChange;
                return await breaker.ExecuteAsync(
                    static (sent, token) => new(sent.Item1.SendAsync(sent.attempt, token)), (this, attempt), cancellationToken).ConfigureAwait(false);
            }
            catch (BrokenCircuitException exception) when (breaker is not null)
            {
                permit!.Return();
                gate?.GiveBack(charged);
                await WaitAsync(change, breaker.WaitOf(exception), account, request, began, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (permit is null || IsUnsent(exception))
            {
                permit?.Return();
                gate?.GiveBack(charged);
                throw;
            }
        }
    }

    private TimeSpan Patience(long began) => client.Options switch
    {
        { Mode: ClientMode.Reject } => TimeSpan.Zero,
        { MaxWait: { } longest } when longest - client.Time.GetElapsedTime(began) is var left => left > TimeSpan.Zero ? left : TimeSpan.Zero,
        _ => Timeout.InfiniteTimeSpan,
    };

    private async Task<IReadOnlyList<QuotaPeriod>> ChargeAsync(QuotaGate gate, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, OutboundRequest.UnwantedOf(request));
        while (true)
        {
            var asked = client.Time.GetTimestamp();
            try
            {
                var periods = await gate.ChargeAsync(either.Token).ConfigureAwait(false);
                if (client.Time.GetElapsedTime(asked) >= ShortestWait)
                    client.Waited(request, WaitCause.Store, asked);
                return periods;
            }
            catch (QuotaExhaustedException exception) when (client.Options.Mode == ClientMode.Wait && exception.RetryAfter <= client.Options.QuotaWait)
            {
                await Task.Delay(exception.RetryAfter, client.Time, either.Token).ConfigureAwait(false);
                client.Waited(request, WaitCause.Quota, asked);
            }
        }
    }

    private async Task<Permit> AcquireAsync(LedgerAccount account, HttpRequestMessage request, long began, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, OutboundRequest.UnwantedOf(request));
        while (true)
        {
            var permit = await client.Ledger.AcquireAsync(account, OutboundRequest.TagOf(request), Patience(began), either.Token).ConfigureAwait(false);
            if (permit.LeaseLeft > TimeSpan.Zero && !either.IsCancellationRequested)
                return permit;
            permit.Return();
            either.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Waits until the time is over, or the circuit has changed.</summary>
    private async Task WaitAsync(
        Task change, TimeSpan wait, LedgerAccount account, HttpRequestMessage request, long began, CancellationToken cancellationToken)
    {
        if (!change.IsCompleted && Patience(began) is var patience && patience != Timeout.InfiniteTimeSpan && wait > patience)
            throw new RequestNotSentException(account.Name, WaitCause.Breaker, wait);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, OutboundRequest.UnwantedOf(request));
        var since = client.Time.GetTimestamp();
        try
        {
            await change.WaitAsync(wait, client.Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            either.Token.ThrowIfCancellationRequested();
        }
        finally
        {
            client.Waited(request, WaitCause.Breaker, since);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Attempt attempt, CancellationToken cancellationToken)
    {
        var lease = attempt.Permit.LeaseLeft;
        using var leaseEnd = new CancellationTokenSource(lease > TimeSpan.Zero ? lease : TimeSpan.Zero, client.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, leaseEnd.Token);
        try
        {
            var response = await base.SendAsync(attempt.Request, either.Token).ConfigureAwait(false);
            // Only a response proves that the request has arrived. Where none came it may yet arrive, and is counted at the lease's end.
            await HearAsync(attempt, response, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch (OperationCanceledException exception) when (leaseEnd.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TaskCanceledException(
                $"No response within the lease of {attempt.Account.Lease:c}.", new TimeoutException(exception.Message, exception), leaseEnd.Token);
        }
    }

    private async Task HearAsync(Attempt attempt, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (account, isRefusal) = (attempt.Account, response.StatusCode == HttpStatusCode.TooManyRequests);
        var told = ServerLimits.Read(response, client.Time.GetUtcNow());
        try
        {
            if (isRefusal)
                await ObeyAsync(attempt, response, cancellationToken).ConfigureAwait(false);
            else if (told is [{ Limit: { Remaining: 0, Window.Ticks: 0 }, Reset: { } reset }] && Known(account, told[0].Limit) is null)
                // Of a limit that the ledger doesn't know nothing is left: the next request would be refused.
                await client.Ledger.TryPauseAsync(account, Clamped(reset), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            attempt.Permit.Release(new ServerReport(
                !isRefusal && !RetryRules.IsFailure(response.StatusCode), isRefusal, [.. told.Select(limit => Known(account, limit.Limit)).OfType<ServerLimit>()]));
        }
    }

    private async Task ObeyAsync(Attempt attempt, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var pause = Clamped(ServerLimits.RetryAfter(response, client.Time.GetUtcNow()) ?? DefaultPause);
        var isFirst = await client.Ledger.TryPauseAsync(attempt.Account, pause, cancellationToken).ConfigureAwait(false);
        RetryRules.SetPaused(attempt.Request, isFirst is not null);
        if (isFirst ?? true)
            client.Refused(attempt.Account, attempt.Request, pause);
    }

    /// <summary>The limit with the window by which the ledger knows it, if it does.</summary>
    private static ServerLimit? Known(LedgerAccount account, ServerLimit limit)
    {
        if (account.Pace.IsAdaptive)
            return limit.Window > TimeSpan.Zero ? limit : null;
        foreach (var tier in account.Tiers)
            if (limit.Window > TimeSpan.Zero ? tier.Window == limit.Window : tier.Permits == limit.Permits || account.Tiers.Count == 1 && limit.Permits < tier.Permits)
                return limit with { Window = tier.Window };
        return null;
    }

    private static bool IsUnsent(Exception exception) => exception is HttpRequestException
    {
        // There was no connection to send it on.
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError,
    };

    private static TimeSpan Clamped(TimeSpan pause) => TimeSpan.FromTicks(Math.Clamp(pause.Ticks, 0, LongestPause.Ticks));

    private sealed record Attempt(HttpRequestMessage Request, LedgerAccount Account, Permit Permit);
}
