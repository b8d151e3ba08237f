using System.Runtime.InteropServices;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Redis;

/// <summary>The calls of one script call, and the doubles that go to the script and come back; the layout is in driver.lua. One lane's.</summary>
internal sealed class Batch(RateLimitPolicy policy)
{
    private readonly List<Run> runs = [];

    /// <summary>Keys in a row whose calls are one run, the same for all; or one key with several.</summary>
    private readonly List<(int Keys, int Runs, int First)> alike = [];

    public RateLimitPolicy Policy => policy;

    public List<RedisLimitedKey> Keys { get; } = [];

    public void Clear()
    {
        foreach (var key in Keys)
            key.Travelling.Clear();
        Keys.Clear();
    }

    public RedisKey[] ScriptKeys()
    {
        if (Keys.Count == 1)
            return Keys[0].Keys;
        var own = Keys[0].Keys.Length - 1;
        var all = new RedisKey[Keys.Count * (own + 1)];
        for (var index = 0; index < Keys.Count; index++)
        {
            all[index] = Keys[index].Keys[0];
            Keys[index].Keys.AsSpan(1).CopyTo(all.AsSpan(Keys.Count + index * own));
        }

        return all;
    }

    /// <summary>The first argument of the driver.</summary>
    public byte[] Pack()
    {
        runs.Clear();
        alike.Clear();
        var count = 1 + 3 * policy.Tiers.Count;
        foreach (var key in Keys)
        {
            key.RunCount = Run.Append(runs, key.Travelling);
            if (key.RunCount == 1 && alike is [.., { Runs: 1 } last] && runs[^2] == runs[^1])
            {
                alike[^1] = last with { Keys = last.Keys + 1 };
                continue;
            }

            alike.Add((1, key.RunCount, runs.Count - key.RunCount));
            count += 2 + 3 * key.RunCount;
        }

        var numbers = new Doubles(count);
        numbers.Write(Keys.Count);
        numbers.Write(policy);
        foreach (var some in alike)
        {
            numbers.Write(some.Keys);
            numbers.Write(some.Runs);
            foreach (var run in CollectionsMarshal.AsSpan(runs).Slice(some.First, some.Runs))
            {
                numbers.Write(run.Calls);
                numbers.Write(run.Units);
                numbers.Write(run.MaxWait);
            }
        }

        return numbers.Bytes;
    }

    /// <summary>The only call, if there is only one.</summary>
    public Call? Lone => Keys is [{ Travelling: [var call] }] ? call : null;

    /// <summary>Decides every call as the driver says.</summary>
    public void Decide(BatchAnswer answer)
    {
        var run = 0;
        foreach (var key in Keys)
        {
            answer.Begin(key);
            var first = 0;
            for (var end = run + key.RunCount; run < end; run++)
            {
                answer.Read(runs[run], first);
                first += runs[run].Calls;
            }

            answer.End();
        }
    }

    public void Decide(Func<RedisLimitedKey, Call, RateLimitDecision> decide)
    {
        foreach (var key in Keys)
            foreach (var call in key.Travelling)
                call.Decide(decide(key, call));
    }

    public void Fail(Exception exception)
    {
        foreach (var key in Keys)
            foreach (var call in key.Travelling)
                call.Fail(exception);
    }

    /// <summary>Tells every caller, who may be on its way before the batch is cleared.</summary>
    /// <returns>Ends when all have been told.</returns>
    public Task AnswerAsync()
    {
        var calls = new Call[Keys.Sum(key => key.Travelling.Count)];
        var told = 0;
        foreach (var key in Keys)
        {
            key.Travelling.CopyTo(calls, told);
            told += key.Travelling.Count;
        }

        return new Answers(calls).GiveAsync();
    }
}
