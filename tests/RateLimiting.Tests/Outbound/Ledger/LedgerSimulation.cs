using Sluice.RateLimiting.Outbound;
using Sluice.RateLimiting.Tests.Support;
using Sluice.Testing;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Outbound.Ledger;

/// <summary>What goes on in one simulated run.</summary>
internal sealed record LedgerScenario(
    IReadOnlyList<LedgerTier> Tiers, TimeSpan Lease, int Holders, int Requests, TimeSpan LongestLatency, double Crashes, double Returns, double ClockSetBacks, int Seed)
{
    public override string ToString() =>
        $"{string.Join(" and ", Tiers.Select(tier => $"{tier.Permits}/{tier.Window.TotalMilliseconds} ms"))}, lease {Lease.TotalMilliseconds} ms, {Holders} holders, "
        + $"{Requests} requests, latency to {LongestLatency.TotalMilliseconds} ms, crashes {Crashes}, returns {Returns}, set back {ClockSetBacks}, seed {Seed}";
}

/// <summary>
/// Several holders share out a number of requests under the product's ledger scripts, event by event on a clock of the simulation's own.
/// A request arrives at the server at any time between its sending and its response; a crashed holder's up to the lease's end.
/// </summary>
internal sealed class LedgerSimulation(LedgerScenario scenario, IConnectionMultiplexer redis)
{
    private const int MostEvents = 50_000;

    private readonly Random random = new(scenario.Seed);
    private readonly RedisClock clock = new(redis);

    // It stands: how busy this machine is isn't the question.
    private readonly FakeTimeProvider time = new();
    private readonly PriorityQueue<Func<Task>, (long At, int Number)> events = new();
    private long now = 1_700_000_000_000_000;
    private long setBack;
    private int scheduled;
    private int left = scenario.Requests;
    private long permitNumber;

    /// <summary>When requests came to the server, us, ascending.</summary>
    public List<long> Arrivals { get; } = [];

    /// <summary>When the first and the last permit were granted.</summary>
    public (long First, long Last) Granted { get; private set; }

    public async Task RunAsync()
    {
        var account = new LedgerAccount($"sim-{Guid.NewGuid():N}", scenario.Tiers, scenario.Lease);
        var start = now;
        var holders = Enumerable.Range(0, scenario.Holders).Select(_ => new Holder(new LedgerStore(redis, clock.Scripts, account, time))).ToList();
        await clock.SetAsync(now);
        await holders[0].Store.OpenAsync(TimeSpan.Zero);
        foreach (var holder in holders)
            At(start + random.Next(3) * random.Next(1000), () => AskAsync(holder));
        while (events.TryDequeue(out var action, out var due))
        {
            now = due.At;
            if (scheduled > MostEvents)
                throw new InvalidOperationException($"No end in sight after {now - start} us: {left} requests left.");
            await action();
        }

        Arrivals.Sort();
    }

    private async Task AskAsync(Holder holder)
    {
        holder.Sleeps++;
        if (random.NextDouble() < scenario.ClockSetBacks)
            setBack += random.NextInt64(2 * Microseconds(scenario.Lease));
        var wanted = left;
        var (released, returned, first) = (holder.Released, holder.Returned, permitNumber);
        (holder.Released, holder.Returned) = ([], []);
        permitNumber += wanted;
        // Two commands of one connection: they arrive in this order.
        var set = clock.SetAsync(now - setBack);
        var answer = await holder.Store.AskAsync(Questions.Of(wanted, first, released, returned)) ?? throw new InvalidOperationException("The ledger is lost.");
        await set;
        if (answer.Granted < wanted && answer.Wait <= TimeSpan.Zero)
            throw new InvalidOperationException("Not all were granted, and there is no wait.");
        if (answer.Granted > 0)
            Granted = (Granted.First == 0 ? now : Granted.First, now);
        left -= answer.Granted;
        for (var number = first; number < first + answer.Granted; number++)
            Send(holder, number, now + Microseconds(scenario.Lease));
        if (answer.Granted < wanted)
        {
            // Like the pump it sleeps once; a question in between ends the sleep.
            var sleep = holder.Sleeps;
            At(now + Microseconds(answer.Wait), () => left > 0 && sleep == holder.Sleeps ? AskAsync(holder) : Task.CompletedTask);
        }
    }

    private void Send(Holder holder, long number, long leaseEnd)
    {
        var fate = random.NextDouble();
        if (fate < scenario.Returns)
        {
            left++;
            At(now + random.NextInt64(1000), () => BackAsync(holder, number, isUsed: false));
            return;
        }

        if (fate < scenario.Returns + scenario.Crashes)
        {
            Arrivals.Add(Between(now, leaseEnd));
            return;
        }

        var response = Math.Min(leaseEnd, now + random.NextInt64(Microseconds(scenario.LongestLatency) + 1));
        Arrivals.Add(Between(now, response));
        At(response, () => BackAsync(holder, number, isUsed: true));
    }

    private Task BackAsync(Holder holder, long number, bool isUsed)
    {
        (isUsed ? holder.Released : holder.Returned).Add(number);
        return AskAsync(holder);
    }

    // The ends are the dangerous ones.
    private long Between(long from, long to) => random.Next(4) switch
    {
        0 => from,
        1 => to,
        _ => random.NextInt64(from, to + 1),
    };

    private void At(long time, Func<Task> action) => events.Enqueue(action, (time, scheduled++));

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed class Holder(LedgerStore store)
    {
        public LedgerStore Store { get; } = store;

        public int Sleeps { get; set; }

        public List<long> Released { get; set; } = [];

        public List<long> Returned { get; set; } = [];
    }
}
