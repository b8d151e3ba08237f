namespace Sluice.Bench.Telemetry;

/// <summary>Asks a service every few milliseconds and takes the times.</summary>
internal static class LatencyProbe
{
    private static readonly TimeSpan interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Until the task ends.</summary>
    /// <returns>Milliseconds: the median, and what 99 of 100 do not exceed.</returns>
    public static async Task<(double Median, double P99)> RunAsync(HttpClient service, string path, Task until)
    {
        var time = TimeProvider.System;
        List<double> taken = [];
        using var timer = new PeriodicTimer(interval, time);
        while (!until.IsCompleted)
        {
            await timer.WaitForNextTickAsync();
            var asked = time.GetTimestamp();
            await service.GetStringAsync(path);
            taken.Add(time.GetElapsedTime(asked).TotalMilliseconds);
        }

        taken.Sort();
        return (taken[taken.Count / 2], taken[taken.Count * 99 / 100]);
    }
}
