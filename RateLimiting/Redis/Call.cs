using System.Threading.Tasks.Sources;

namespace Sluice.RateLimiting.Redis;

/// <summary>
/// One caller's question, on its way. It is used again when its answer has been fetched, which each caller does once.
/// </summary>
internal sealed class Call : IValueTaskSource<RateLimitDecision>
{
    /// <summary>In place of a longest wait: asks, and charges nothing.</summary>
    public const long OnlyAsks = -1;

    private const int MaxSpare = 64;

    [ThreadStatic]
    private static Stack<Call>? spare;

    private ManualResetValueTaskSourceCore<bool> source;
    private RateLimitDecision decision;
    private Exception? failure;

    private Call()
    {
    }

    /// <summary>Taken from every tier when granted.</summary>
    public int Units { get; private set; }

    /// <summary>The longest that the caller waits for a slot, in us: 0 not at all.</summary>
    public long MaxWait { get; private set; }

    public ValueTask<RateLimitDecision> Decision => new(this, source.Version);

    public static Call Of(int units, long maxWait)
    {
        var call = spare is { Count: > 0 } calls ? calls.Pop() : new Call();
        (call.Units, call.MaxWait) = (units, maxWait);
        return call;
    }

    /// <summary>What is to be answered.</summary>
    public void Decide(in RateLimitDecision made) => decision = made;

    /// <summary>In place of a decision.</summary>
    public void Fail(Exception exception) => failure = exception;

    /// <summary>Lets the caller go on, in this very thread.</summary>
    public void Answer()
    {
        if (failure is null)
            source.SetResult(true);
        else
            source.SetException(failure);
    }

    public RateLimitDecision GetResult(short token)
    {
        try
        {
            source.GetResult(token);
            return decision;
        }
        finally
        {
            source.Reset();
            (decision, failure) = (default, null);
            var calls = spare ??= new Stack<Call>(MaxSpare);
            if (calls.Count < MaxSpare)
                calls.Push(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}
