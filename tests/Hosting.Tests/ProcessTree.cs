using System.Diagnostics;
using System.Globalization;
using Sluice.Testing;

namespace Sluice.Hosting.Tests;

/// <summary>What /proc says of processes. One is known by its id and the moment it started: ids are used again.</summary>
internal static class ProcessTree
{
    public sealed record Entry(int Id, int Parent, long Started, string State);

    /// <summary>The process and all that descends from it.</summary>
    public static List<Entry> Of(int root)
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<Entry>()
            .ToList();
        List<Entry> tree = [.. all.Where(entry => entry.Id == root)];
        for (var i = 0; i < tree.Count; i++)
            tree.AddRange(all.Where(entry => entry.Parent == tree[i].Id));
        return tree;
    }

    /// <summary>Waits until none of them is alive: who is killed ends a moment later.</summary>
    public static Task UntilGoneAsync(IReadOnlyCollection<Entry> processes) =>
        Deadline.UntilAsync(() => Task.FromResult(!processes.Any(IsAlive)), "all processes are gone", cancellationToken: TestContext.Current.CancellationToken);

    public static void Signal(int id, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static bool IsAlive(Entry entry) => Read(entry.Id) is { State: not ("Z" or "X") } now && now.Started == entry.Started;

    private static Entry? Read(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            // The name, in parentheses, may hold anything.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new Entry(id, int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture), fields[0]);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
