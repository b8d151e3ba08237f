using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Keeps what a gateway writes to its log.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    public sealed record Entry(LogLevel Level, string? Event, string Text);

    public ConcurrentQueue<Entry> Entries { get; } = [];

    public void Clear() => Entries.Clear();

    /// <summary>Waits for an event, and for so many of them.</summary>
    public Task UntilAsync(string @event, int count = 1) => Deadline.UntilAsync(
        () => Task.FromResult(Entries.Count(entry => entry.Event == @event) >= count),
        $"the log has {count} of {@event}; it has {string.Join(Environment.NewLine, Entries)}",
        cancellationToken: TestContext.Current.CancellationToken);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue(new(logLevel, eventId.Name, $"{formatter(state, exception)}{exception}"));

    public void Dispose()
    {
    }
}
