using System.Threading.Tasks.Sources;

namespace Sluice.RateLimiting.Redis;

/// <summary>One caller's question, on its way. Its continuation runs on the thread pool: callers start side by side.</summary>
internal sealed class Call(int units, long since) : IValueTaskSource<RateLimitDecision>
{
    private ManualResetValueTaskSourceCore<RateLimitDecision> source = new() { RunContinuationsAsynchronously = true };

    /// <summary>Taken from every tier when granted.</summary>
    public int Units { get; } = units;

    /// <summary>When it came: a timestamp.</summary>
    public long Since { get; } = since;

    public ValueTask<RateLimitDecision> Decision => new(this, source.Version);

    public void Answer(RateLimitDecision decision) => source.SetResult(decision);

    public void Fail(Exception exception) => source.SetException(exception);

    public RateLimitDecision GetResult(short token) => source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}
