using Sluice.Contracts;

namespace Sluice.DetailWorker;

/// <summary>An item that this process is fetching.</summary>
/// <param name="ImportEnded">Cancelled when the import has ended meanwhile.</param>
internal sealed record ItemInHand(Guid ImportId, string ExternalId, CancellationToken ImportEnded);

/// <summary>What this process is fetching, by import. Thread-safe.</summary>
internal sealed class WorkInHand
{
    private readonly Lock sync = new();
    private readonly Dictionary<Guid, ImportInHand> imports = [];

    /// <summary>Takes the item in hand; null where it is already: the message is kept for whoever has it.</summary>
    public ItemInHand? Take(FetchItemDetail message)
    {
        lock (sync)
        {
            if (!imports.TryGetValue(message.ImportId, out var import))
                imports.Add(message.ImportId, import = new ImportInHand());
            if (import.Items.TryAdd(message.ExternalId, null))
                return new ItemInHand(message.ImportId, message.ExternalId, import.Ended.Token);
            import.Items[message.ExternalId] = message;
            return null;
        }
    }

    /// <returns>
    /// Whether it was the last in hand of an import that has been written to: the import may have come to its end. And the last message that
    /// came for the item meanwhile: a second one for the same attempt, or, when the attempt has failed, the first for the next.
    /// </returns>
    public (bool MayHaveEnded, FetchItemDetail? Next) PutDown(ItemInHand item, bool written)
    {
        lock (sync)
        {
            var import = imports[item.ImportId];
            import.Items.Remove(item.ExternalId, out var next);
            import.IsWritten |= written;
            return (import.Items.Count == 0 && imports.Remove(item.ImportId) && import.IsWritten, next);
        }
    }

    public IReadOnlyList<(Guid ImportId, string ExternalId)> All()
    {
        lock (sync)
            return [.. imports.SelectMany(import => import.Value.Items.Keys, (import, externalId) => (import.Key, externalId))];
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
        public Dictionary<string, FetchItemDetail?> Items { get; } = new(StringComparer.Ordinal);

        // Not disposed: without a timer or a wait handle it has nothing to free, and GiveUp may hold it still.
        public CancellationTokenSource Ended { get; } = new();

        public bool IsWritten { get; set; }
    }
}
