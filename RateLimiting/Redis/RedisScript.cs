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
    public async Task<RedisResult> EvaluateAsync(IDatabase database, RedisKey[] keys, RedisValue[] arguments, TimeSpan timeout, TimeProvider time)
    {
        try
        {
            return await WithinAsync(database.ScriptEvaluateAsync(hash, keys, arguments), timeout, time).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await WithinAsync(database.ScriptEvaluateAsync(text, keys, arguments, CommandFlags.NoScriptCache), timeout, time).ConfigureAwait(false);
        }
    }

    private static async Task<RedisResult> WithinAsync(Task<RedisResult> answer, TimeSpan timeout, TimeProvider time)
    {
        var asked = time.GetTimestamp();
        try
        {
            return await answer.WaitAsync(timeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException) when (time.GetElapsedTime(asked) > timeout * 1.5)
        {
            // The timer was late: it is this process that is slow, and the answer may lie here already.
            return await answer.WaitAsync(timeout, time).ConfigureAwait(false);
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "Redis names scripts by SHA-1; nothing secret depends on it.")]
    private static byte[] Hash(string text) => SHA1.HashData(Encoding.UTF8.GetBytes(text));
}
