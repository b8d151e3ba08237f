using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Redis;

/// <summary>A Lua script, run by its hash; a Redis that doesn't know it is told it, at whatever moment it forgot. Thread-safe.</summary>
internal sealed class RedisScript(string text)
{
    private readonly byte[] hash = Hash(text);

    /// <exception cref="RedisException">Redis is away or the script failed.</exception>
    /// <exception cref="TimeoutException">No answer in time; whether the script has run is unknown.</exception>
    public async Task<RedisResult> EvaluateAsync(
        IDatabase database, RedisKey[] keys, RedisValue[] arguments, TimeSpan timeout, TimeProvider time, AdaptiveSpin? spin = null)
    {
        var answer = database.ScriptEvaluateAsync(hash, keys, arguments);
        var asked = time.GetTimestamp();
        spin?.Until(answer);
        var patience = timeout;
        var hasSecondChance = true;
        while (true)
        {
            try
            {
                return await answer.WaitAsync(patience, time).ConfigureAwait(false);
            }
            catch (TimeoutException) when (hasSecondChance)
            {
                // While this process was held up the answer may have come: it has as long again to be read, at least an eighth of the timeout.
                var late = time.GetElapsedTime(asked) - timeout;
                patience = TimeSpan.FromTicks(Math.Clamp(late.Ticks, timeout.Ticks / 8, timeout.Ticks));
                hasSecondChance = false;
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                answer = database.ScriptEvaluateAsync(text, keys, arguments, CommandFlags.NoScriptCache);
                asked = time.GetTimestamp();
                patience = timeout;
            }
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "Redis names scripts by SHA-1; nothing secret depends on it.")]
    private static byte[] Hash(string text) => SHA1.HashData(Encoding.UTF8.GetBytes(text));
}
