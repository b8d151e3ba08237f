using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.Servers;

namespace Sluice.Testing;

/// <summary>One node of a Redis Cluster.</summary>
internal sealed class RedisClusterNode(ProcessGuard guard, NativeServerOptions options) : NativeServer(guard, options)
{
    private readonly int busPort = FreePorts.Next();

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public Task MeetAsync(RedisClusterNode other, CancellationToken cancellationToken) =>
        CommandAsync(string.Create(CultureInfo.InvariantCulture, $"CLUSTER MEET 127.0.0.1 {other.Port} {other.busPort}"), "+OK", cancellationToken);

    public Task TakeSlotsAsync(int first, int last, CancellationToken cancellationToken) =>
        CommandAsync(string.Create(CultureInfo.InvariantCulture, $"CLUSTER ADDSLOTSRANGE {first} {last}"), "+OK", cancellationToken);

    public async Task<bool> IsInClusterOfAsync(int nodes, CancellationToken cancellationToken)
    {
        var info = await AskAsync("CLUSTER INFO", cancellationToken);
        return info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains(string.Create(CultureInfo.InvariantCulture, $"cluster_known_nodes:{nodes}\r"), StringComparison.Ordinal);
    }

    protected override async Task<GuardedProcess> LaunchAsync(CancellationToken cancellationToken)
    {
        var program = await ServerPrograms.FindAsync(() => ServerPrograms.InFolders("redis-server"), "redis-server", Options, cancellationToken);
        var config = Path.Combine(Options.DataFolder, "redis.conf");
        await PrivateFile.WriteAsync(config, $"""
            bind 127.0.0.1
            port {Port}
            protected-mode no
            dir {Options.DataFolder}
            save ""
            appendonly no
            cluster-enabled yes
            cluster-port {busPort}
            cluster-node-timeout 60000

            """, cancellationToken);
        return Guard.Start(new ProcessStartInfo(program, [config]) { WorkingDirectory = Options.DataFolder }, Output);
    }

    protected override Task<bool> ProbeAsync(CancellationToken cancellationToken) =>
        AskAsync(Port, "PING\r\n"u8.ToArray(), "+PONG\r\n"u8.ToArray(), cancellationToken);

    private async Task CommandAsync(string command, string expected, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(command, cancellationToken);
        if (!answer.StartsWith(expected, StringComparison.Ordinal))
            throw new InvalidOperationException($"{command}: {answer}");
    }

    /// <summary>The whole answer: the server closes the connection behind it.</summary>
    private async Task<string> AskAsync(string command, CancellationToken cancellationToken)
    {
        using var client = new TcpClient(AddressFamily.InterNetwork);
        await client.ConnectAsync(System.Net.IPAddress.Loopback, Port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\nQUIT\r\n"), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
