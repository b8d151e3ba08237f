using Sluice.ServiceDefaults.Startup;

namespace Sluice.ImportOrchestrator.Events;

/// <summary>How imports are told of while they are watched, at <c>Events</c>.</summary>
internal sealed class EventOptions
{
    public const string Section = "Events";

    /// <summary>The least time between two events of an import. Default 1 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>When nothing has been sent for so long, a comment is: proxies close a connection that is silent. Default 15 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    public static void Check(EventOptions options, OptionFaults faults)
    {
        Above0(nameof(Interval), options.Interval);
        Above0(nameof(Heartbeat), options.Heartbeat);

        void Above0(string setting, TimeSpan span) =>
            faults.Require(span > TimeSpan.Zero && span <= TimeSpan.FromMinutes(1), setting, $"must be above 0 and at most 00:01:00, is {span}");
    }
}
