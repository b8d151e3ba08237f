using System.Text.Json.Serialization;

namespace Sluice.ItemApi.Faults;

/// <summary>What a client of <c>/api</c> has to cope with. What isn't named is off.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record FaultSettings
{
    /// <summary>
    /// The fate of a request follows from the seed, its method and address, and how many came for that address before: a run with the same
    /// seed meets the same faults, in whatever order its requests arrive.
    /// </summary>
    public int Seed { get; init; } = 1;

    /// <summary>The share of requests that are answered with a status, by status: <c>{"500":0.2,"503":0.05}</c>. 400 to 599; 1 at most in all.</summary>
    public IReadOnlyDictionary<string, double> Statuses { get; init; } = new Dictionary<string, double>();

    /// <summary>The share of requests whose connection is cut instead of an answer; on top of the statuses, 1 at most in all.</summary>
    public double Dropped { get; init; }

    /// <summary>Each request waits so long, 0 to 60,000 ms.</summary>
    public int LatencyMilliseconds { get; init; }

    /// <summary>And up to so much longer, 0 to 60,000 ms.</summary>
    public int JitterMilliseconds { get; init; }

    /// <summary>How answers with 429 and 503 say when to come back.</summary>
    public RetryAfterShape RetryAfter { get; init; } = RetryAfterShape.Seconds;

    /// <summary>What they say, 0 to 86,400 s. The secret limit knows better where it refuses.</summary>
    public int RetryAfterSeconds { get; init; } = 1;

    /// <summary>Ids of items, and dates of records, that are answered with 500 for ever.</summary>
    public IReadOnlyList<string> FailingIds { get; init; } = [];

    /// <summary>A limit that nobody was told of; all callers share it.</summary>
    public SecretLimitSettings? SecretLimit { get; init; }
}

/// <summary>At most <paramref name="Permits"/> requests within any window; those beyond are answered with 429.</summary>
/// <param name="Permits">1 to 100,000.</param>
/// <param name="WindowMilliseconds">1 to 86,400,000 ms.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SecretLimitSettings(int Permits, int WindowMilliseconds);

[JsonConverter(typeof(JsonStringEnumConverter<RetryAfterShape>))]
public enum RetryAfterShape
{
    /// <summary>A number of seconds.</summary>
    Seconds,

    /// <summary>An HTTP date.</summary>
    Date,

    /// <summary>No such header.</summary>
    None,

    /// <summary>What no client can make sense of: words, negative or immense numbers.</summary>
    Garbage,
}
