using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Sluice.RateLimiting.Tests.Outbound.Ledger;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

public sealed class AttemptTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_permit_goes_back_when_the_headers_are_there_not_at_the_end_of_the_body()
    {
        var account = LedgerProcess.Account(permits: 1, windowMilliseconds: 100, leaseMilliseconds: 3_600_000);
        var body = new Pipe();
        await using var client = await ClientUnderTest.StartAsync(redis.Server, account, (_, _) =>
            Task.FromResult(new HttpResponseMessage { Content = new StreamContent(body.Reader.AsStream()) }));
        using var first = await client.GetAsync(cancellationToken: Stop).Within();
        using var second = await client.GetAsync(cancellationToken: Stop).Within();
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Fact]
    public async Task A_request_without_a_response_is_given_up_at_the_end_of_the_lease_and_counts_from_there()
    {
        var account = LedgerProcess.Account(permits: 1, windowMilliseconds: 200, leaseMilliseconds: 300);
        await using var client = await ClientUnderTest.StartAsync(redis.Server, account, async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            throw new InvalidOperationException("Never.");
        });
        var began = TimeProvider.System.GetTimestamp();
        var error = await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync(cancellationToken: Stop).Within());
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Contains("00:00:00.3", error.Message, StringComparison.Ordinal);
        await client.AcquireAsync(account, 1);
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task A_caller_who_gives_up_while_waiting_gets_a_cancellation_and_is_charged_nothing()
    {
        var account = LedgerProcess.Account(permits: 1, windowMilliseconds: 3_600_000);
        await using var client = await ClientUnderTest.StartAsync(redis.Server, account, (_, _) => Task.FromResult(new HttpResponseMessage()));
        var permit = await client.AcquireAsync(account).Within();
        using var patience = new CancellationTokenSource();
        var waiting = client.GetAsync(cancellationToken: patience.Token);
        await patience.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Within());
        Assert.IsNotType<TimeoutException>(error.InnerException);
        permit.Return();
        using var next = await client.GetAsync(cancellationToken: Stop).Within();
    }

    [Fact]
    public async Task A_caller_who_gives_up_while_the_request_is_under_way_is_charged_for_it()
    {
        var account = LedgerProcess.Account(permits: 1, windowMilliseconds: 3_600_000);
        var sent = new TaskCompletionSource();
        await using var client = await ClientUnderTest.StartAsync(redis.Server, account, async (_, cancellation) =>
        {
            sent.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            throw new InvalidOperationException("Never.");
        });
        using var patience = new CancellationTokenSource();
        var waiting = client.GetAsync(cancellationToken: patience.Token);
        await sent.Task.Within();
        await patience.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Within());
        Assert.IsNotType<TimeoutException>(error.InnerException);
        Assert.Equal(1, await client.InFlightAsync());
    }

    [Fact]
    public async Task A_request_for_which_there_was_no_connection_costs_nothing()
    {
        var account = LedgerProcess.Account(permits: 1, windowMilliseconds: 3_600_000);
        // Bound, so that the port stays its own, and never listening.
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = $"http://{nobody.LocalEndPoint}/";
        await using var client = await ClientUnderTest.StartAsync(redis.Server, account, new SocketsHttpHandler());
        for (var attempt = 0; attempt < 3; attempt++)
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(address, cancellationToken: Stop).Within());
    }

    [Fact]
    public async Task A_wait_carries_the_tag_of_the_request()
    {
        var account = LedgerProcess.Account(permits: 1, windowMilliseconds: 3_600_000);
        await using var client = await ClientUnderTest.StartAsync(redis.Server, account, (_, _) => Task.FromResult(new HttpResponseMessage()));
        var permit = await client.AcquireAsync(account).Within();
        var asked = await client.Redis.LastAskedAsync(account);
        var waiting = client.GetAsync(tag: "import 2", cancellationToken: Stop);
        await client.Redis.UntilWaitedAsync(account, asked);
        permit.Return();
        using var response = await waiting.Within();
        Assert.Equal("import 2", Assert.Single(client.Observer.Waits).Tag);
    }
}
