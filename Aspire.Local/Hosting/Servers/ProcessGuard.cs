using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Servers;

/// <summary>
/// Starts child processes that cannot outlive this one, however it ends.
/// A guardian shell in a session of its own reads this process's announcements from a pipe: when the pipe closes, after an
/// orderly stop as after <c>kill -9</c>, it kills every announced process group and removes every announced folder.
/// </summary>
internal sealed class ProcessGuard : IAsyncDisposable
{
    private const string Guardian = """
        trap '' HUP INT TERM
        groups= folders=
        while IFS= read -r line; do
          value=${line#* }
          case $line in
            "started "*) groups="$groups $value " ;;
            "ended "*) groups=$(printf %s "$groups" | sed "s/ $value //") ;;
            "folder "*) folders="$folders$value
        " ;;
          esac
        done
        for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
        printf %s "$folders" | while IFS= read -r folder; do
          for attempt in 1 2 3 4 5; do rm -rf -- "$folder" && break; sleep 0.2; done
        done
        """;

    // The child waits for its line on stdin before it becomes the program: by then the guardian knows it.
    private const string Gate = "read -r go || exit 125; exec \"$@\" </dev/null";

    /// <summary>A child that left its group may hold the pipe open.</summary>
    private static readonly TimeSpan lastLinesMayTake = TimeSpan.FromSeconds(3);

    private readonly Process guardian;
    private readonly Lock sync = new();
    private bool closed;

    public ProcessGuard()
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("Native servers run on Linux; elsewhere build with -p:UseAspire=true and a container engine.");

        guardian = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", Guardian])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        })!;
    }

    /// <summary>Creates a folder that is removed when this process has ended. Other users may pass through it, not list it.</summary>
    public string CreatePrivateFolder(string name)
    {
        var folder = Directory.CreateTempSubdirectory(name + "-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        Announce("folder", folder);
        return folder;
    }

    /// <summary>Starts a program as the leader of a process group of its own.</summary>
    /// <param name="start">Program, arguments, environment and working directory; the rest is set here.</param>
    /// <param name="output">Called for each line that the program writes; not at once from two threads per stream.</param>
    public GuardedProcess Start(ProcessStartInfo start, Action<string> output)
    {
        string[] command = [start.FileName, .. start.ArgumentList];
        start.FileName = "setsid";
        start.ArgumentList.Clear();
        foreach (var argument in (string[])["sh", "-c", Gate, "guarded", .. command])
            start.ArgumentList.Add(argument);
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var exited = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously), errorEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Exited += async (_, _) =>
        {
            GuardedProcess.KillLeftBehind(process);
            Announce("ended", process.Id.ToString(CultureInfo.InvariantCulture));
            await Task.WhenAll(outputEnded.Task, errorEnded.Task).WaitAsync(lastLinesMayTake, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            exited.TrySetResult(process.ExitCode);
        };
        process.OutputDataReceived += (_, line) => Pass(line.Data, output, outputEnded);
        process.ErrorDataReceived += (_, line) => Pass(line.Data, output, errorEnded);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        Announce("started", process.Id.ToString(CultureInfo.InvariantCulture));
        OpenGate(process);
        return new GuardedProcess(process, exited.Task);
    }

    /// <summary>Kills what is left of the announced groups, removes the announced folders, and waits for both.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (sync)
        {
            if (closed)
                return;
            closed = true;
            guardian.StandardInput.Close();
        }
        await guardian.WaitForExitAsync();
        guardian.Dispose();
    }

    private void Announce(string verb, string value)
    {
        lock (sync)
        {
            // What ends after the guardian was ended by it.
            if (closed)
                return;
            guardian.StandardInput.WriteLine($"{verb} {value}");
            guardian.StandardInput.Flush();
        }
    }

    private static void OpenGate(Process process)
    {
        try
        {
            process.StandardInput.WriteLine();
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it became the program: its exit code tells.
        }
    }

    private static void Pass(string? line, Action<string> output, TaskCompletionSource ended)
    {
        if (line is null)
            ended.TrySetResult();
        else
            output(line);
    }
}
