using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Servers;

/// <summary>A running child: the leader of its own process group. Thread-safe.</summary>
internal sealed class GuardedProcess(Process process, Task<int> exitCode)
{
    public int Id { get; } = process.Id;

    /// <summary>Completes with the exit code, after the last line of output; 128 + N where signal N ended it.</summary>
    public Task<int> ExitCode { get; } = exitCode;

    public bool HasExited => ExitCode.IsCompleted;

    /// <summary>Asks the program to end.</summary>
    public void Signal(PosixSignal signal) => Send(Id, signal switch
    {
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 15,
    });

    /// <summary>Ends the program and all that it has started, at once.</summary>
    public void Kill() => Send(-Id, 9);

    /// <summary>Asks, waits until <paramref name="deadline"/> is cancelled, then kills.</summary>
    public async Task StopAsync(PosixSignal signal, CancellationToken deadline)
    {
        Signal(signal);
        await ((Task)ExitCode).WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Kill();
        await ExitCode;
    }

    /// <summary>At the end of a program: children that it leaves behind belong to its group.</summary>
    public static void KillLeftBehind(Process ended) => _ = kill(-ended.Id, 9);

    private void Send(int target, int signal)
    {
        // Later its id may be another's.
        if (!process.HasExited)
            _ = kill(target, signal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int pid, int signal);
}
