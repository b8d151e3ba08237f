using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Sluice.Bench.Orders;

/// <summary>What the load saw. Accepts are timed from the first request to the last accept.</summary>
internal sealed record BuyFigures(long Accepted, long Refused, long Failed, double Seconds, double AcceptSeconds, double P50Ms, double P99Ms)
{
    public long Answers => Accepted + Refused + Failed;
}

/// <summary>
/// Buyers who post once each, over connections that are kept, with sockets alone: the load shares the processors with what it measures, so it
/// must be light.
/// </summary>
internal sealed class BuyLoad(int port, string sku, int buyers) : IDisposable
{
    private const string Name = "buy-load";
    private static readonly byte[] headEnd = "\r\n\r\n"u8.ToArray();

    private readonly List<double>[] accepts = new List<double>[256];
    private Socket[] sockets = [];
    private int next;
    private long refused;
    private long failed;
    private long lastAccept;

    public static async Task<BuyFigures> InChildAsync(int port, string sku, int buyers, int connections)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "Bench.dll"), Name, Text(port), sku, Text(buyers), Text(connections),
        ])
        { RedirectStandardOutput = true };
        using var child = Process.Start(start)!;
        var said = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return JsonSerializer.Deserialize<BuyFigures>(said) ?? throw new InvalidOperationException("The load said nothing.");

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The child's side. It has practised before: its own compilation is not what a drop's first buyers wait for.</summary>
    public static async Task<int> RunAsync(string port, string sku, string buyers, string connections)
    {
        await BuyPractice.RunAsync(stub => new BuyLoad(stub, sku, BuyPractice.Buyers), Number(connections));
        using var load = new BuyLoad(Number(port), sku, Number(buyers));
        await load.ConnectAsync(Number(connections));
        var started = Stopwatch.GetTimestamp();
        await load.BuyAsync();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var times = load.accepts.Where(own => own is not null).SelectMany(own => own).Order().ToList();
        Console.WriteLine(JsonSerializer.Serialize(new BuyFigures(
            times.Count, load.refused, load.failed, seconds, Stopwatch.GetElapsedTime(started, load.lastAccept).TotalSeconds, Share(0.5), Share(0.99))));
        return 0;

        double Share(double share) => times.Count == 0 ? 0 : times[Math.Min(times.Count - 1, (int)(times.Count * share))];

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Returns when every connection has been answered once, as those have who wait for a drop to open.</summary>
    public async Task ConnectAsync(int connections) =>
        sockets = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => OpenAsync()));

    /// <summary>Returns when every buyer has an answer.</summary>
    public Task BuyAsync() => Task.WhenAll(sockets.Select(BuyAsync));

    public void Dispose()
    {
        foreach (var socket in sockets)
            socket.Dispose();
    }

    private async Task<Socket> OpenAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /inventory/{sku} HTTP/1.1\r\nHost: bench\r\n\r\n"));
        await StatusAsync(socket, new byte[16 * 1024]);
        return socket;
    }

    private async Task BuyAsync(Socket socket, int number)
    {
        var own = accepts[number] = [];
        var buffer = new byte[16 * 1024];
        var body = $$"""{"sku":"{{sku}}"}""";
        while (Interlocked.Increment(ref next) is var buyer && buyer <= buyers)
        {
            var request = Encoding.ASCII.GetBytes(
                $"POST /buy HTTP/1.1\r\nHost: bench\r\nX-Forwarded-For: 10.{buyer >> 16}.{buyer >> 8 & 255}.{buyer & 255}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            var sent = Stopwatch.GetTimestamp();
            await socket.SendAsync(request);
            var status = await StatusAsync(socket, buffer);
            var answered = Stopwatch.GetTimestamp();
            if (status == (int)HttpStatusCode.Accepted)
            {
                own.Add(Stopwatch.GetElapsedTime(sent, answered).TotalMilliseconds);
                Interlocked.Exchange(ref lastAccept, answered);
            }
            else if (status == (int)HttpStatusCode.Conflict)
                Interlocked.Increment(ref refused);
            else
                Interlocked.Increment(ref failed);
        }
    }

    /// <summary>Reads an answer to its end, which is an empty chunk or its length.</summary>
    private static async Task<int> StatusAsync(Socket socket, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            if (read == 0)
                throw new InvalidOperationException("The gateway closed the connection.");
            length += read;
            if (IsWhole(buffer.AsSpan(0, length)))
                return int.Parse(buffer.AsSpan(9, 3), CultureInfo.InvariantCulture);
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf(headEnd);
        if (head < 0)
            return false;
        var declared = answer[..head].IndexOf("Content-Length: "u8);
        if (declared < 0)
            return answer.EndsWith("\r\n0\r\n\r\n"u8);
        var digits = answer[(declared + "Content-Length: ".Length)..];
        return answer.Length >= head + headEnd.Length + int.Parse(digits[..digits.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }
}
