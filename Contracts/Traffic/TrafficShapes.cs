using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Contracts.Traffic;

/// <summary>What GET /metrics answers: what all gateways decided on requests to limited routes, within a window that ends now.</summary>
/// <param name="WindowSeconds">As it was asked for.</param>
/// <param name="From">Where the figures begin.</param>
/// <param name="AsOf">Until when the answering gateway's decisions are in them: about a second ago, or since when PostgreSQL is away.</param>
/// <param name="Total">Allowed and blocked.</param>
/// <param name="Allowed">Those that passed, whatever the reason.</param>
/// <param name="Blocked">Those that did not.</param>
/// <param name="BlockRate">Blocked / total, 0 to 1; 0 where there are none.</param>
/// <param name="Shadow">Of the allowed, those that a policy in the shadow would have blocked.</param>
/// <param name="FailedOpen">Of the allowed, those let pass while Redis was away.</param>
/// <param name="FailedClosed">Of the blocked, those refused because Redis was away.</param>
/// <param name="Latency">Null where nothing has passed.</param>
/// <param name="Routes">The busiest first.</param>
/// <param name="TopBlockedClients">Those that were blocked most often, one entry for each policy that blocked them.</param>
/// <param name="Pending">Decisions of the answering gateway that will be in the figures.</param>
/// <param name="Dropped">Decisions that never will: PostgreSQL was away for longer than gateways keep them.</param>
/// <param name="Series">Where it was asked for.</param>
public sealed record TrafficSnapshot(
    double WindowSeconds, DateTimeOffset From, DateTimeOffset AsOf, long Total, long Allowed, long Blocked, double BlockRate, long Shadow,
    long FailedOpen, long FailedClosed, LatencySnapshot? Latency, IReadOnlyList<RouteTraffic> Routes,
    IReadOnlyList<BlockedClient> TopBlockedClients, long Pending, long Dropped,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TrafficSeries? Series);

/// <summary>The traffic of a route under a policy; counts are as in <see cref="TrafficSnapshot"/>.</summary>
/// <param name="Strategy">The policy's algorithms, with + between where its tiers differ; <c>Unlimited</c> for clients without limits.</param>
/// <param name="AverageLimit">The limit that callers met, of the tier that mattered most to each; null where there was none.</param>
/// <param name="AverageRemaining">What they had left of it.</param>
/// <param name="Latency">The whole route's; null where nothing has passed.</param>
public sealed record RouteTraffic(
    string Route, string Policy, string Strategy, long Total, long Allowed, long Blocked, double BlockRate, long Shadow, long FailedOpen,
    long FailedClosed, double? AverageLimit, double? AverageRemaining, LatencySnapshot? Latency);

/// <summary>From a request's arrival to the beginning of its answer, for requests that passed. Within an eighth of what it was.</summary>
/// <param name="P50Ms">Half of them took less, in milliseconds.</param>
/// <param name="P99Ms">99 of 100 took less, in milliseconds.</param>
public sealed record LatencySnapshot(double P50Ms, double P99Ms);

/// <param name="Client">A registered client's name, or the address of others (<c>ip:203.0.113.7</c>).</param>
/// <param name="Blocked">Requests of the client that the policy blocked.</param>
/// <param name="Total">All requests of the client under the policy.</param>
public sealed record BlockedClient(string Client, string Policy, long Blocked, long Total);

/// <summary>Decisions over time, in whole steps without a gap.</summary>
public sealed record TrafficSeries(int StepSeconds, IReadOnlyList<TrafficPoint> Points);

/// <summary>Decisions from a time on until the next point's; counts are as in <see cref="TrafficSnapshot"/>.</summary>
public sealed record TrafficPoint(DateTimeOffset At, long Allowed, long Blocked, long Shadow, long FailedOpen, long FailedClosed);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TrafficSnapshot))]
public sealed partial class TrafficJson : JsonSerializerContext;
