using System.Net.ServerSentEvents;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.OrderTests.World;
using Sluice.Testing;

namespace Sluice.OrderTests;

public sealed class EventsTests(Servers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tell_a_queued_order_and_its_outcome_and_end()
    {
        await using var system = await OrderSystem.StartAsync(servers, workers: 0);
        var id = await system.OrderAsync();
        var watchers = await Task.WhenAll(WatchAsync(system, id), WatchAsync(system, id));

        await system.StartWorkerAsync();

        foreach (var events in watchers)
        {
            await using (events)
            {
                // Each heartbeat tells again that it is queued.
                do
                    Assert.True(await events.MoveNextAsync().AsTask().Within());
                while (events.Current.Status == OrderStatus.Queued);
                Assert.Equal(OrderStatus.Confirmed, events.Current.Status);
                Assert.False(await events.MoveNextAsync().AsTask().Within());
            }
        }

        var late = await system.Client.GetStringAsync($"/orders/{id}/events", Cancellation).Within();
        Assert.Contains("\"status\":\"confirmed\"", late);
    }

    /// <summary>An order's events, of which the first is there.</summary>
    private static async Task<IAsyncEnumerator<OrderSnapshot>> WatchAsync(OrderSystem system, Guid id)
    {
        var stream = await system.Client.GetStreamAsync($"/orders/{id}/events", Cancellation);
        var events = SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize<OrderSnapshot>(data, JsonSerializerOptions.Web)!)
            .EnumerateAsync(Cancellation).Select(item => item.Data).GetAsyncEnumerator(Cancellation);
        Assert.True(await events.MoveNextAsync().AsTask().Within());
        Assert.Equal(OrderStatus.Queued, events.Current.Status);
        return events;
    }
}
