using System.Net;
using System.Net.Sockets;

namespace Sluice.Bench.Orders;

/// <summary>
/// Lets the load's code run hot against a stub in the load's own process, which answers everything alike. The system under load sees none of
/// it, neither connections nor buyers.
/// </summary>
internal static class BuyPractice
{
    public const int Buyers = 30_000;

    private static readonly byte[] answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    public static async Task RunAsync(Func<int, BuyLoad> load, int connections)
    {
        using var stub = new TcpListener(IPAddress.Loopback, 0);
        stub.Start(connections);
        var answering = AnswerAllAsync(stub, connections);
        using (var practising = load(((IPEndPoint)stub.LocalEndpoint).Port))
        {
            await practising.ConnectAsync(connections);
            await practising.BuyAsync();
        }

        await answering;
    }

    private static async Task AnswerAllAsync(TcpListener stub, int connections)
    {
        List<Task> answering = [];
        while (answering.Count < connections)
            answering.Add(AnswerAsync(await stub.AcceptSocketAsync()));
        await Task.WhenAll(answering);
    }

    private static async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            // A request is one segment: the load sends it at once and waits for its answer.
            var buffer = new byte[16 * 1024];
            while (await socket.ReceiveAsync(buffer) > 0)
                await socket.SendAsync(answer);
        }
    }
}
