using System.Runtime.InteropServices;

namespace Sluice.Gateway.Traffic;

/// <summary>Keeps what was counted bounded, however many clients there are.</summary>
internal static class BusiestClients
{
    /// <summary>All clients that are not named. No registered client can have this name.</summary>
    public const string Others = "(other)";

    /// <summary>The busiest as they are, the rest together.</summary>
    public static Dictionary<RowKey, Tally> Keep(Dictionary<RowKey, Tally> rows, int most)
    {
        var clients = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (key, tally) in rows)
            CollectionsMarshal.GetValueRefOrAddDefault(clients, key.Client, out _) += tally.Requests;
        clients.Remove(Others);
        if (clients.Count <= most)
            return rows;

        var named = clients.OrderByDescending(client => client.Value).Take(most).Select(client => client.Key).ToHashSet(StringComparer.Ordinal);
        return Merge(rows, named.Contains);
    }

    /// <summary>Those that are named as they are, the rest together.</summary>
    public static Dictionary<RowKey, Tally> Merge(IEnumerable<KeyValuePair<RowKey, Tally>> rows, Func<string, bool> isNamed)
    {
        var merged = new Dictionary<RowKey, Tally>();
        foreach (var (key, tally) in rows)
            CollectionsMarshal.GetValueRefOrAddDefault(merged, isNamed(key.Client) ? key : key with { Client = Others }, out _) += tally;
        return merged;
    }
}
