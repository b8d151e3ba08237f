using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Sources.Rehearsal;

/// <summary>Answers every request of this machine with one page, or detail, until it is disposed of.</summary>
internal sealed class RehearsalServer : IAsyncDisposable
{
    private const string Body = """
        {"data":[{"id":1,"name":"One"},{"id":2,"name":"Two"}],"pages":1,"id":1,"name":"One","description":"The first","price":1.5}
        """;

    private static readonly byte[] Answer = Encoding.ASCII.GetBytes($"""
        HTTP/1.1 200 OK
        Content-Type: application/json
        Content-Length: {Body.Length}
        RateLimit-Policy: "one";q=1000;w=1
        RateLimit: "one";r=1000;t=1

        {Body}
        """.ReplaceLineEndings("\r\n"));

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;

    public RehearsalServer()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    public string Address => $"http://{listener.LocalEndpoint}/";

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(ServeAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            // Requests without a body, one after the other: each ends with an empty line.
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            while (await reader.ReadLineAsync(stop.Token) is { } line)
                if (line.Length == 0)
                    await client.GetStream().WriteAsync(Answer, stop.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The rehearsal is over.
        }
    }
}
