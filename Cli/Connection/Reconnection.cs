using System.Globalization;

namespace Sluice.Cli.Connection;

/// <summary>How long to wait for something that can't be reached, and when to give it up. For one watcher.</summary>
internal sealed class Reconnection(TimeProvider time)
{
    /// <summary>Without a word from the gateway for so long, nobody waits any longer.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan first = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan longest = TimeSpan.FromSeconds(15);

    private TimeSpan next = first;
    private long? lostAt;

    /// <summary>There was a word from it.</summary>
    public void Succeeded() => (next, lostAt) = (first, null);

    /// <returns>What to say, and how long to wait before the next attempt: as long as the gateway asks for, if it does.</returns>
    /// <exception cref="CommandFailure"><paramref name="failure"/>, where waiting is of no use.</exception>
    public (string Trouble, TimeSpan Wait) After(CommandFailure failure)
    {
        lostAt ??= time.GetTimestamp();
        if (!failure.MayPass || time.GetElapsedTime(lostAt.Value) > patience)
            throw failure;
        var wait = failure.RetryAfter ?? next;
        next = next * 2 < longest ? next * 2 : longest;
        return (string.Create(CultureInfo.InvariantCulture, $"{failure.Message} Trying again in {wait.TotalSeconds:0} s."), wait);
    }
}
