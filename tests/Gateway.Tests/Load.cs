using System.Collections.Concurrent;
using System.Net;

namespace Sluice.Gateway.Tests;

/// <summary>A few callers who ask without a pause until they are told to stop.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Callers = 4;

    private readonly ConcurrentDictionary<HttpStatusCode, int> statuses = [];
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public Load(GatewayUnderTest gateway, string path) => running = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => AskAsync(gateway, path)));

    /// <summary>How requests have ended, and how many so. A request that got no answer is an exception.</summary>
    public async Task<IReadOnlyDictionary<HttpStatusCode, int>> StopAsync()
    {
        await stop.CancelAsync();
        await running;
        return statuses;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AskAsync(GatewayUnderTest gateway, string path)
    {
        while (!stop.IsCancellationRequested)
        {
            using var answer = await gateway.GetAsync(path, "test-client");
            statuses.AddOrUpdate(answer.StatusCode, 1, static (_, count) => count + 1);
        }
    }
}
