using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class CancelledUploadTests(PostgresFixture postgres)
{
    private const int Callers = 50;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Content-Length: 100000", true)]
    [InlineData("Content-Length: 100000", false)]
    [InlineData("Transfer-Encoding: chunked", true)]
    [InlineData("Transfer-Encoding: chunked", false)]
    public async Task Callers_who_leave_in_the_middle_are_no_error_in_the_log(string header, bool abruptly)
    {
        using var log = new RequestLog(Callers);
        await using var catalogue = await Catalogue.ListenAsync(
            postgres, Stop, log, ("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Information"));

        for (var caller = 0; caller < Callers; caller++)
        {
            using var upload = await RawUpload.StartAsync(catalogue.Client.BaseAddress!, header, Stop);
            await upload.SendAsync("1000\r\n" + new string('x', caller * 50), Stop);
            upload.Leave(abruptly);
        }

        await log.AllEnded.Within();
        Assert.Empty(log.Complaints);
    }

    /// <summary>Signals when so many requests have ended, and keeps warnings and errors.</summary>
    private sealed class RequestLog(int requests) : ILoggerProvider, ILogger
    {
        private const int RequestFinished = 2;
        private readonly TaskCompletionSource allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int left = requests;

        public ConcurrentQueue<string> Complaints { get; } = [];

        public Task AllEnded => allEnded.Task;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
                Complaints.Enqueue($"{formatter(state, exception)} {exception?.Message}");
            else if (eventId.Id == RequestFinished && Interlocked.Decrement(ref left) == 0)
                allEnded.SetResult();
        }

        public void Dispose()
        {
        }
    }
}
