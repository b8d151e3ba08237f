using System.Net.Sockets;
using System.Text;

namespace Sluice.ItemApi.Tests;

/// <summary>An upload whose bytes and whose end are in the hands of the test.</summary>
internal sealed class RawUpload : IDisposable
{
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private StreamReader reader = StreamReader.Null;

    /// <summary>Returns when the service has begun to read the body.</summary>
    public static async Task<RawUpload> StartAsync(Uri service, string header, CancellationToken cancellationToken)
    {
        var upload = new RawUpload();
        var head = $"POST /api/upload HTTP/1.1\r\nHost: {service.Authority}\r\nExpect: 100-continue\r\n{header}\r\n\r\n";
        await upload.socket.ConnectAsync(service.Host, service.Port, cancellationToken);
        upload.reader = new StreamReader(new NetworkStream(upload.socket), Encoding.Latin1);
        await upload.SendAsync(head, cancellationToken);
        Assert.Contains(" 100 ", await upload.ReadLineAsync(cancellationToken));
        Assert.Empty(await upload.ReadLineAsync(cancellationToken));
        return upload;
    }

    public async Task SendAsync(string text, CancellationToken cancellationToken) =>
        await socket.SendAsync(Encoding.Latin1.GetBytes(text), cancellationToken);

    public async Task<string> ReadLineAsync(CancellationToken cancellationToken) => await reader.ReadLineAsync(cancellationToken) ?? "";

    /// <summary>Leaves in the middle: with a word (FIN), or without (RST).</summary>
    public void Leave(bool abruptly)
    {
        if (abruptly)
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
    }

    public void Dispose()
    {
        reader.Dispose();
        socket.Dispose();
    }
}
