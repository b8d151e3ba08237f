using System.Collections.Concurrent;
using System.Text;

namespace Sluice.RateLimiting.Redis;

/// <summary>
/// The embedded scripts: the driver with the algorithms that a policy uses, and the ledger's. Thread-safe.
/// </summary>
/// <param name="clock">What the scripts take for the time: a Lua expression that gives seconds and microseconds.</param>
internal sealed class ScriptLibrary(string clock = ScriptLibrary.RedisClock)
{
    public const string RedisClock = "redis.call('TIME')";

    private readonly ConcurrentDictionary<string, RedisScript> drivers = new(StringComparer.Ordinal);

    /// <summary>How scripts and keys call an algorithm.</summary>
    public static string NameOf(RateLimitAlgorithm algorithm) => algorithm switch
    {
        RateLimitAlgorithm.SlidingWindow => "sliding_window",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "No such algorithm."),
    };

    public RedisScript DriverFor(RateLimitPolicy policy)
    {
        var algorithms = policy.Tiers.Select(tier => NameOf(tier.Algorithm)).Distinct().Order(StringComparer.Ordinal).ToArray();
        return drivers.GetOrAdd(string.Join(' ', algorithms), _ => new RedisScript(Compose(algorithms)));
    }

    /// <summary>One of the ledger's scripts, behind the state that they share.</summary>
    public RedisScript Ledger(string name) => new(Read("ledger_state.lua") + Read(name));

    private string Compose(IEnumerable<string> algorithms)
    {
        var text = new StringBuilder("local algorithms = {}\n");
        foreach (var algorithm in algorithms)
            text.Append("algorithms['").Append(algorithm).Append("'] = (function()\n").Append(Read($"{algorithm}.lua")).Append("end)()\n");
        return text.Append(Read("driver.lua")).ToString();
    }

    private string Read(string name)
    {
        using var stream = typeof(ScriptLibrary).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Replace(RedisClock, clock, StringComparison.Ordinal);
    }
}
