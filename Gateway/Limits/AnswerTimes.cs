using Sluice.Gateway.Traffic;

namespace Sluice.Gateway.Limits;

/// <summary>How long requests that passed waited for their answer to begin. Thread-safe.</summary>
internal sealed class AnswerTimes(DecisionMetrics metrics, TrafficRecorder traffic, TimeProvider time)
{
    /// <param name="route">The route's name.</param>
    /// <param name="arrived">The timestamp of the request's arrival.</param>
    public void Began(string route, long arrived)
    {
        var latency = time.GetElapsedTime(arrived);
        metrics.Answered(route, latency);
        traffic.RecordLatency(route, latency);
    }
}
