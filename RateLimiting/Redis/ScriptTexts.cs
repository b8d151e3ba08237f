using System.Collections.Concurrent;
using System.Text;

namespace Sluice.RateLimiting.Redis;

/// <summary>The embedded scripts: the driver with the algorithms that a policy uses, and the ledger's.</summary>
internal static class ScriptTexts
{
    private static readonly ConcurrentDictionary<string, RedisScript> Drivers = new(StringComparer.Ordinal);

    /// <summary>How scripts and keys call an algorithm.</summary>
    public static string NameOf(RateLimitAlgorithm algorithm) => algorithm switch
    {
        RateLimitAlgorithm.SlidingWindow => "sliding_window",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "No such algorithm."),
    };

    public static RedisScript DriverFor(RateLimitPolicy policy)
    {
        var algorithms = policy.Tiers.Select(tier => NameOf(tier.Algorithm)).Distinct().Order(StringComparer.Ordinal).ToArray();
        return Drivers.GetOrAdd(string.Join(' ', algorithms), _ => new RedisScript(Compose(algorithms)));
    }

    public static RedisScript Load(string name) => new(Read(name));

    private static string Compose(IEnumerable<string> algorithms)
    {
        var text = new StringBuilder("local algorithms = {}\n");
        foreach (var algorithm in algorithms)
            text.Append("algorithms['").Append(algorithm).Append("'] = (function()\n").Append(Read($"{algorithm}.lua")).Append("end)()\n");
        return text.Append(Read("driver.lua")).ToString();
    }

    private static string Read(string name)
    {
        using var stream = typeof(ScriptTexts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
