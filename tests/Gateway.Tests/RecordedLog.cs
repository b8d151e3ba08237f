using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Testing;

namespace Sluice.Gateway.Tests;

/// <summary>Keeps what a gateway writes to its log.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    public sealed record Entry(LogLevel Level, string? Event, string Text);

    public ConcurrentQueue<Entry> Entries { get; } = [];

    /// <summary>Empties it of what a start says, the last of which may come when the gateway serves already.</summary>
    public async Task ForgetStartAsync()
    {
        await UntilAsync(static entry => entry.Text.StartsWith("Content root path", StringComparison.Ordinal), "the end of the start");
        Entries.Clear();
    }

    /// <summary>Waits for an entry.</summary>
    public Task UntilAsync(Func<Entry, bool> condition, string what) => Deadline.UntilAsync(
        () => Task.FromResult(Entries.Any(condition)), $"the log has {what}", cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Waits for an event, and for so many of them.</summary>
    public Task UntilAsync(string @event, int count = 1) => Deadline.UntilAsync(
        () => Task.FromResult(Entries.Count(entry => entry.Event == @event) >= count),
        $"the log has {count} of {@event}; it has {string.Join(Environment.NewLine, Entries)}",
        cancellationToken: TestContext.Current.CancellationToken);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // Kestrel says so of a machine that is busy.
        if (eventId.Name != "HeartbeatSlow")
            Entries.Enqueue(new(logLevel, eventId.Name, $"{formatter(state, exception)}{exception}"));
    }

    public void Dispose()
    {
    }
}
