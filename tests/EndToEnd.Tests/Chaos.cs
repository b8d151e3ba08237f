using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Sluice.EndToEnd.Tests;

/// <summary>
/// Kills, restarts and empties what the system stands on, in an order and at moments that follow from the seed. What has fallen comes back
/// while the next falls.
/// </summary>
internal sealed class Chaos(ChaosCluster cluster, int seed)
{
    /// <summary>Beyond one of each kind.</summary>
    private const int Extra = 3;

    private readonly Random random = new(seed);
    private readonly ConcurrentQueue<string> story = new();
    private readonly long started = Stopwatch.GetTimestamp();

    public static IReadOnlyList<string> Resources { get; } =
        ["gateway", "orchestrator", "detailworker-0", "detailworker-1", "itemapi", "redis", "rabbitmq", "postgres", "imports", "inventory", "traffic"];

    /// <summary>What was done, and when.</summary>
    public string Story => string.Join(Environment.NewLine, story);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var blows = Blows(cancellationToken);
        var order = blows.ToArray();
        random.Shuffle(order);
        order = [.. order, .. random.GetItems(blows, Extra)];

        var underWay = new Dictionary<string, Task>(StringComparer.Ordinal);
        foreach (var (resource, what, strike) in order)
        {
            // The one random moment that the test is about: nothing tells when it has come.
            await Task.Delay(TimeSpan.FromMilliseconds(200 + random.Next(2500)), TimeProvider.System, cancellationToken);
            if (underWay.TryGetValue(resource, out var earlier))
                await earlier;
            underWay[resource] = StrikeAsync(what, strike);
        }

        await Task.WhenAll(underWay.Values);
    }

    private (string Resource, string What, Func<Task> Strike)[] Blows(CancellationToken cancellationToken) =>
    [
        .. ((string[])["detailworker-0", "detailworker-1", "orchestrator", "gateway"]).Select(service =>
            (service, $"{service} is killed", (Func<Task>)(() => cluster.KillAndStartAsync(service, cancellationToken)))),
        ("redis", "Redis is killed and comes back empty", () => cluster.KillAndStartAsync("redis", cancellationToken)),
        ("rabbitmq", "RabbitMQ is killed and its queues are gone", () => cluster.KillAndWipeBrokerAsync(cancellationToken)),
        ("postgres", "PostgreSQL is restarted", () => cluster.RestartAsync("postgres", cancellationToken)),
    ];

    private async Task StrikeAsync(string what, Func<Task> strike)
    {
        Tell(what);
        await strike();
        Tell($"{what}: it is back");
    }

    private void Tell(string what) =>
        story.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds,6:0.0} s  {what}"));
}
