using System.Globalization;
using Sluice.Contracts;
using Sluice.ImportOrchestrator.Api;

namespace Sluice.ImportOrchestrator.Events;

/// <summary>An import as it stood at one time. States with the same id are the same to whoever watches: only the clock went on.</summary>
internal sealed record ImportState(string Id, ImportSnapshot Import)
{
    public bool IsFinal => Import.EndedAt is not null;

    // Out of what it says, so that every process gives the same state the same id.
    public static ImportState Of(ImportSnapshot import) => new(
        string.Create(CultureInfo.InvariantCulture,
            $"{import.Status}-{import.PagesDiscovered}-{import.TotalCount}-{import.ImportedCount}-{import.FailedCount}-{import.RequestsCount}-{import.RateLimitHitsCount}-{import.ResumesAt?.ToUnixTimeSeconds() ?? 0}"),
        import);
}

/// <summary>Reads an import once per interval for all who watch it in this process. Thread-safe.</summary>
internal sealed class ImportFeed(ImportReader imports, TimeProvider time)
{
    private readonly Lock sync = new();
    private readonly Dictionary<Guid, Reading> readings = [];

    /// <returns>The state, at most an interval old; null where there is no such import.</returns>
    public Task<ImportState?> ReadAsync(Guid importId, TimeSpan interval, CancellationToken cancellationToken)
    {
        lock (sync)
        {
            foreach (var (id, old) in readings.Where(entry => entry.Value.State.IsCompleted && time.GetElapsedTime(entry.Value.Started) >= interval).ToList())
                readings.Remove(id);
            if (!readings.TryGetValue(importId, out var reading))
                readings.Add(importId, reading = new Reading(time.GetTimestamp(), Task.Run(() => ReadAsync(importId), CancellationToken.None)));
            return reading.State.WaitAsync(cancellationToken);
        }
    }

    // Whoever gives up, others wait for it too.
    private async Task<ImportState?> ReadAsync(Guid importId) =>
        await imports.FindAsync(importId, CancellationToken.None) is { } import ? ImportState.Of(import) : null;

    private sealed record Reading(long Started, Task<ImportState?> State);
}
