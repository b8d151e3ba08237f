using System.Net;
using System.Net.Sockets;
using System.Text;
using Sluice.RateLimiting.Tests.Outbound.Ledger;
using Sluice.Testing;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

/// <summary>.NET sends a request again by itself when the server closes a connection that is used again: nobody would count it.</summary>
public sealed class CutConnectionTests(RedisFixture redis)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_on_a_connection_that_the_server_cuts_is_sent_once_and_charged()
    {
        var account = LedgerProcess.Account(permits: 2, windowMilliseconds: 3_600_000);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = AnswerEveryFirstAsync(listener);
        await using (var client = await ClientUnderTest.StartAsync(redis.Server, account, new SocketsHttpHandler()))
        {
            var address = $"http://{listener.LocalEndpoint}/";
            using (var first = await client.GetAsync(address, cancellationToken: Stop).Within())
                Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(address, cancellationToken: Stop).Within());
            Assert.Equal(1, await client.InFlightAsync());
        }

        listener.Stop();
        Assert.Equal(2, await server.Within());
    }

    /// <summary>Answers the first request of each connection and cuts it when it has read the second. Gives the number of requests.</summary>
    private static async Task<int> AnswerEveryFirstAsync(TcpListener listener)
    {
        var requests = 0;
        try
        {
            while (true)
            {
                using var connection = await listener.AcceptTcpClientAsync(Stop);
                await using var stream = connection.GetStream();
                if (await ReadRequestAsync(stream))
                    requests++;
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Stop);
                if (await ReadRequestAsync(stream))
                    requests++;
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // The listener was stopped, while it waited or before.
            return requests;
        }
    }

    private static async Task<bool> ReadRequestAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, Stop);
            if (read == 0)
                return false;
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return true;
    }
}
