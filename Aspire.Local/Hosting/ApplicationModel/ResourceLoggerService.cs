using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps the last lines that each replica wrote, and what is said about it. Thread-safe.</summary>
public class ResourceLoggerService
{
    private readonly ConcurrentDictionary<string, ResourceLog> logs = new(StringComparer.OrdinalIgnoreCase);

    internal ResourceLoggerService()
    {
    }

    /// <summary>Called for each line as it comes: replica, line.</summary>
    internal Action<string, LogLine>? LineWritten { get; set; }

    public ILogger GetLogger(IResource resource) => GetLogger(resource.Name);

    public ILogger GetLogger(string resourceName) => new Logger(this, resourceName);

    /// <summary>The lines that are kept, and then each that comes.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => WatchAsync(resource.Name);

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => WatchCoreAsync(resourceName);

    /// <summary>The lines that are kept.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource) => GetAllAsync(resource.Name);

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        await Task.CompletedTask;
        yield return LogOf(resourceName).Kept();
    }

    internal void Write(string resourceId, string content, bool isErrorMessage = false)
    {
        var line = LogOf(resourceId).Add(content, isErrorMessage);
        LineWritten?.Invoke(resourceId, line);
    }

    /// <summary>The lines that are kept and came after one.</summary>
    internal IReadOnlyList<LogLine> After(string resourceId, int lineNumber) => LogOf(resourceId).After(lineNumber);

    internal IReadOnlyList<LogLine> Kept(string resourceId) => LogOf(resourceId).Kept();

    private async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchCoreAsync(string resourceName, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var log = LogOf(resourceName);
        var (kept, coming) = log.Watch();
        try
        {
            if (kept.Count > 0)
                yield return kept;
            await foreach (var line in coming.Reader.ReadAllAsync(cancellationToken))
                yield return [line];
        }
        finally
        {
            log.Unwatch(coming);
        }
    }

    private ResourceLog LogOf(string resourceId) => logs.GetOrAdd(resourceId, _ => new ResourceLog());

    private sealed class ResourceLog
    {
        private const int Capacity = 10_000;
        private readonly Queue<LogLine> lines = new();
        private readonly List<Channel<LogLine>> watchers = [];
        private int count;

        public LogLine Add(string content, bool isErrorMessage)
        {
            lock (lines)
            {
                if (lines.Count == Capacity)
                    lines.Dequeue();
                var line = new LogLine(++count, content, isErrorMessage);
                lines.Enqueue(line);
                foreach (var watcher in watchers)
                    watcher.Writer.TryWrite(line);
                return line;
            }
        }

        public IReadOnlyList<LogLine> Kept()
        {
            lock (lines)
                return [.. lines];
        }

        public IReadOnlyList<LogLine> After(int lineNumber)
        {
            lock (lines)
                return lineNumber >= count ? [] : [.. lines.Skip(Math.Max(0, lines.Count - (count - lineNumber)))];
        }

        public (IReadOnlyList<LogLine> Kept, Channel<LogLine> Coming) Watch()
        {
            var channel = Channel.CreateUnbounded<LogLine>();
            lock (lines)
            {
                watchers.Add(channel);
                return ([.. lines], channel);
            }
        }

        public void Unwatch(Channel<LogLine> channel)
        {
            lock (lines)
                watchers.Remove(channel);
        }
    }

    private sealed class Logger(ResourceLoggerService service, string resourceId) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            foreach (var line in formatter(state, exception).Split('\n'))
                service.Write(resourceId, line.TrimEnd('\r'), logLevel >= LogLevel.Error);
            if (exception is not null)
                service.Write(resourceId, exception.ToString(), isErrorMessage: true);
        }
    }
}

public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);
