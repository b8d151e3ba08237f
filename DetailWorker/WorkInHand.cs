namespace Sluice.DetailWorker;

/// <summary>An item that this process is fetching.</summary>
/// <param name="ImportEnded">Cancelled when the import has ended meanwhile.</param>
internal sealed record ItemInHand(Guid ImportId, string ExternalId, CancellationToken ImportEnded);

/// <summary>What this process is fetching, by import. Thread-safe.</summary>
internal sealed class WorkInHand
{
    private readonly Lock sync = new();
    private readonly Dictionary<Guid, ImportInHand> imports = [];

    /// <summary>Takes the item in hand; null where it is already: a second message for it has nothing to add.</summary>
    public ItemInHand? Take(Guid importId, string externalId)
    {
        lock (sync)
        {
            if (!imports.TryGetValue(importId, out var import))
                imports.Add(importId, import = new ImportInHand());
            return import.Items.Add(externalId) ? new ItemInHand(importId, externalId, import.Ended.Token) : null;
        }
    }

    /// <returns>Whether it was the last in hand of an import that has been written to: the import may have come to its end.</returns>
    public bool PutDown(ItemInHand item, bool written)
    {
        lock (sync)
        {
            var import = imports[item.ImportId];
            import.Items.Remove(item.ExternalId);
            import.IsWritten |= written;
            return import.Items.Count == 0 && imports.Remove(item.ImportId) && import.IsWritten;
        }
    }

    public IReadOnlyList<(Guid ImportId, string ExternalId)> All()
    {
        lock (sync)
            return [.. imports.SelectMany(import => import.Value.Items, (import, externalId) => (import.Key, externalId))];
    }

    /// <summary>Gives up all items of an import that has ended.</summary>
    public void GiveUp(Guid importId)
    {
        CancellationTokenSource? ended;
        lock (sync)
            ended = imports.GetValueOrDefault(importId)?.Ended;
        ended?.Cancel();
    }

    private sealed class ImportInHand
    {
        public HashSet<string> Items { get; } = new(StringComparer.Ordinal);

        // Not disposed: without a timer or a wait handle it has nothing to free, and GiveUp may hold it still.
        public CancellationTokenSource Ended { get; } = new();

        public bool IsWritten { get; set; }
    }
}
