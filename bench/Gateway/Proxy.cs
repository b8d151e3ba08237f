using Sluice.Bench.Processes;

namespace Sluice.Bench.Gateway;

/// <summary>A proxy under load in several processes, and what came of their turns.</summary>
internal sealed record Proxy(string Name, IReadOnlyList<Instance> Instances) : IAsyncDisposable
{
    private readonly List<Turn> turns = [];

    public double Rate => Median(static turn => turn.Rate);

    public void Add(Turn turn) => turns.Add(turn);

    public double Median(Func<Turn, double> figure) => turns.Select(figure).Order().ElementAt(turns.Count / 2);

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in Instances)
            await instance.Process.DisposeAsync();
    }
}

/// <summary>One process of a proxy.</summary>
internal sealed record Instance(int Port, Child Process);

/// <summary>One turn: requests per second, and the processor time of each request in us, in the proxy, in the service behind it and in Redis.</summary>
internal sealed record Turn(double Rate, double Own, double Service, double Redis);
