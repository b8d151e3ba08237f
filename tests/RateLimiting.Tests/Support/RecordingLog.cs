using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sluice.RateLimiting.Tests.Support;

/// <summary>A log that can be waited for.</summary>
internal sealed class RecordingLog<T> : ILogger<T>
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> written = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> counts = new(StringComparer.Ordinal);

    /// <summary>Completes when an event of this name is written, or has been.</summary>
    public Task WrittenAsync(string eventName) => Signal(eventName).Task;

    public int CountOf(string eventName) => counts.GetValueOrDefault(eventName);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        counts.AddOrUpdate(eventId.Name ?? "", 1, static (_, count) => count + 1);
        Signal(eventId.Name ?? "").TrySetResult();
    }

    private TaskCompletionSource Signal(string eventName) =>
        written.GetOrAdd(eventName, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
