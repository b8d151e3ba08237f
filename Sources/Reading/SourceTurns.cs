using System.Collections.Concurrent;
using Sluice.Sources.Options;

namespace Sluice.Sources.Reading;

/// <summary>How many requests of a source this process may have under way. First come, first served. Thread-safe.</summary>
internal sealed class SourceTurns
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> turns = new(StringComparer.Ordinal);

    /// <returns>The turn; disposing of it ends it.</returns>
    public async Task<IDisposable> TakeAsync(Source source, CancellationToken cancellationToken)
    {
        var ofSource = turns.GetOrAdd(source.Name, static (_, concurrency) => new SemaphoreSlim(concurrency), source.Options.Concurrency);
        await ofSource.WaitAsync(cancellationToken);
        return new Turn(ofSource);
    }

    private sealed class Turn(SemaphoreSlim ofSource) : IDisposable
    {
        public void Dispose() => ofSource.Release();
    }
}
