using Sluice.Contracts;
using Sluice.Sources.Options;

namespace Sluice.DetailWorker;

/// <summary>One attempt at an item.</summary>
internal sealed class Attempt(FetchItemDetail message)
{
    /// <summary>The message, as it would have to read now.</summary>
    public FetchItemDetail Message { get; private set; } = message;

    /// <summary>The item has made progress: its failures count from here on.</summary>
    public void Advance() => Message = Message with { FailureCount = 0 };
}

/// <returns>What came of it; null: somebody else is at it, or its import has ended, and nothing is to be written.</returns>
/// <exception cref="Sources.Reading.SourceException">The source gave no answer that can be used.</exception>
internal delegate Task<ItemOutcome?> AttemptWork(Attempt attempt, Source source, CancellationToken cancellationToken);
