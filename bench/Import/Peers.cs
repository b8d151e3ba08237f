using System.Net;

namespace Sluice.Bench.Import;

/// <summary>What people write for the same work. Each fetches all details with so many workers of 64 requests at once, who know nothing of each other.</summary>
internal sealed class Peers(string api, double scale)
{
    private const int Concurrency = 64;

    /// <summary>Sends, and obeys Retry-After.</summary>
    public Task RetryAfterAsync(int requests, int workers) => AllAsync(requests, workers, SendAsync, static (_, retryAfter) => retryAfter);

    /// <summary>Sends, and waits 1, 2, 4 ... 60 s after refusals, with full jitter.</summary>
    public Task BackoffAsync(int requests, int workers) => AllAsync(requests, workers, SendAsync, (attempt, _) =>
        TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, attempt)) * Random.Shared.NextDouble() / scale));

    /// <summary>Counts, in one place for all workers, and sleeps a whole window when a limit is used up.</summary>
    public async Task FullWindowAsync(int requests, int workers)
    {
        using var counter = new WindowCounter(scale);
        await AllAsync(requests, workers, async (client, number) =>
        {
            await counter.EnterAsync();
            return await SendAsync(client, number);
        }, static (_, retryAfter) => retryAfter);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, int number) => await client.GetAsync($"items/{number}");

    private async Task AllAsync(
        int requests, int workers, Func<HttpClient, int, Task<HttpResponseMessage>> send, Func<int, TimeSpan, TimeSpan> pause)
    {
        using var client = new HttpClient { BaseAddress = new Uri(api) };
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, workers * Concurrency).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= requests)
            {
                for (var attempt = 0; ; attempt++)
                {
                    using var response = await send(client, number);
                    if (response.StatusCode != HttpStatusCode.TooManyRequests)
                        break;
                    await Task.Delay(pause(attempt, response.Headers.RetryAfter!.Delta!.Value), TimeProvider.System);
                }
            }
        })));
    }

    /// <summary>500 requests, then 20 s; 2,000, then 100 s.</summary>
    private sealed class WindowCounter(double scale) : IDisposable
    {
        private readonly SemaphoreSlim turn = new(1, 1);
        private int sent;

        public async Task EnterAsync()
        {
            await turn.WaitAsync();
            if (sent > 0 && sent % 500 == 0)
                await Task.Delay(TimeSpan.FromSeconds((sent % 2000 == 0 ? 100 : 20) / scale), TimeProvider.System);
            sent++;
            turn.Release();
        }

        public void Dispose() => turn.Dispose();
    }
}
