using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Servers;

/// <summary>One server of the cluster as a child process on 127.0.0.1, on its own port and data folder. Start and stop from one thread at a time.</summary>
internal abstract class NativeServer(ProcessGuard guard, NativeServerOptions options) : IAsyncDisposable
{
    protected static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(50);
    private readonly LastLines lastLines = new(20);
    private GuardedProcess? process;

    public int Port => Options.Port;

    public int ProcessId => process?.Id ?? throw new InvalidOperationException($"{Options.Name} was not started.");

    /// <summary>Completes when the server's process ends, for whatever reason.</summary>
    public Task<int> Exited => process?.ExitCode ?? throw new InvalidOperationException($"{Options.Name} was not started.");

    protected ProcessGuard Guard { get; } = guard;

    protected NativeServerOptions Options { get; } = options;

    protected virtual PosixSignal StopSignal => PosixSignal.SIGTERM;

    /// <summary>Starts the server and returns when it answers.</summary>
    /// <exception cref="ServerStartException">It is not installed, the port is taken, or it ended or stayed silent.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        RefuseTakenPort();
        try
        {
            process = await LaunchAsync(cancellationToken);
            while (!await AnswersAsync(cancellationToken))
            {
                if (process.HasExited && IsTransient(lastLines.ToString()))
                    process = await LaunchAsync(cancellationToken);
                else if (process.HasExited)
                    throw new ServerStartException($"{Options.Name} ended with code {await process.ExitCode} while starting: {lastLines}");
                await Task.Delay(ProbeInterval, TimeProvider.System, cancellationToken);
            }
        }
        catch
        {
            await KillAsync();
            throw;
        }
    }

    /// <summary>Stops the server in an orderly way, or kills it when <paramref name="deadline"/> is cancelled.</summary>
    public virtual async Task StopAsync(CancellationToken deadline)
    {
        if (process is not null)
            await process.StopAsync(StopSignal, deadline);
    }

    /// <summary>Ends the server as a crash would (kill -9 of its whole process group).</summary>
    public virtual async Task KillAsync()
    {
        if (process is null)
            return;
        process.Kill();
        await process.ExitCode;
    }

    /// <summary>Asks whether the server serves requests now.</summary>
    public Task<bool> AnswersAsync(CancellationToken cancellationToken) => AnswersAsync(ProbeAsync, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await StopAsync(deadline.Token);
    }

    protected abstract Task<GuardedProcess> LaunchAsync(CancellationToken cancellationToken);

    protected abstract Task<bool> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Whether a start that ended with these last lines is worth repeating.</summary>
    protected virtual bool IsTransient(string said) => false;

    protected void Output(string line)
    {
        lastLines.Add(line);
        Options.Output(line);
    }

    /// <summary>Whether a probe finds what it asks for, and soon.</summary>
    protected static async Task<bool> AnswersAsync(Func<CancellationToken, Task<bool>> probe, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            return await probe(timeout.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or Npgsql.NpgsqlException or TimeoutException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Sends <paramref name="request"/> to the port and tells whether the answer begins as it must.</summary>
    protected static async Task<bool> AskAsync(int port, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> expected, CancellationToken cancellationToken)
    {
        using var client = new TcpClient(AddressFamily.InterNetwork);
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(request, cancellationToken);
        var answer = new byte[expected.Length];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        return answer.AsSpan().SequenceEqual(expected.Span);
    }

    private void RefuseTakenPort()
    {
        if (!FreePorts.IsFree(Port))
            throw new ServerStartException($"port {Port}, which {Options.Name} wants, is taken by another program.");
    }
}
