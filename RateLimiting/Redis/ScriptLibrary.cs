using System.Collections.Concurrent;

namespace Sluice.RateLimiting.Redis;

/// <summary>The embedded scripts: those on a policy's tiers, those that stand alone, and the ledger's. Thread-safe.</summary>
/// <param name="adapt">What becomes of a script's text before Redis is told it; nothing, where left out.</param>
internal sealed class ScriptLibrary(Func<string, string>? adapt = null)
{
    private readonly ConcurrentDictionary<(string Name, string Algorithms), RedisScript> scripts = new();

    /// <summary>Decides calls of the policy.</summary>
    public RedisScript Driver(RateLimitPolicy policy) => OnTiers("driver.lua", policy);

    public RedisScript Refund(RateLimitPolicy policy) => OnTiers("refund.lua", policy);

    /// <summary>A script that stands alone.</summary>
    public RedisScript Single(string name) => scripts.GetOrAdd((name, ""), key => new RedisScript(Read(key.Name)));

    /// <summary>One of the ledger's scripts, behind the state that they share.</summary>
    public RedisScript Ledger(string name) => new(Read("ledger_state.lua") + Read(name));

    // Policies with the same algorithms in the same order share a script: what else they are is told in each call.
    private RedisScript OnTiers(string name, RateLimitPolicy policy) => scripts.GetOrAdd(
        (name, policy.Algorithms), key => new RedisScript(new ScriptTemplate(Read).Compose(key.Name, [.. policy.Tiers.Select(tier => tier.Algorithm)])));

    private string Read(string name)
    {
        using var stream = typeof(ScriptLibrary).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return adapt is null ? text : adapt(text);
    }
}
