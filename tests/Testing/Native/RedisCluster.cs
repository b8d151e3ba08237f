namespace Sluice.Testing;

/// <summary>A Redis Cluster of three nodes on loopback, without replicas.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;

    private readonly RedisClusterNode[] nodes = [.. Enumerable.Range(1, 3).Select(number =>
        new RedisClusterNode(NativeHost.Guard, NativeHost.Options($"redis-node-{number}")))];

    private RedisCluster()
    {
    }

    public string ConnectionString => string.Join(',', nodes.Select(node => node.Address));

    public static async Task<RedisCluster> StartAsync(CancellationToken cancellationToken = default)
    {
        var cluster = new RedisCluster();
        var nodes = cluster.nodes;
        await Task.WhenAll(nodes.Select(node => node.StartAsync(cancellationToken)));
        for (var number = 0; number < nodes.Length; number++)
        {
            await nodes[number].TakeSlotsAsync(Slots * number / nodes.Length, Slots * (number + 1) / nodes.Length - 1, cancellationToken);
            if (number > 0)
                await nodes[0].MeetAsync(nodes[number], cancellationToken);
        }

        foreach (var node in nodes)
            await Deadline.UntilAsync(() => node.IsInClusterOfAsync(nodes.Length, cancellationToken), "the cluster is formed", cancellationToken: cancellationToken);
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
    }
}
