namespace Sluice.RateLimiting.Redis;

/// <summary>Calls in a row that take alike.</summary>
internal readonly record struct Run(int Calls, int Units, long MaxWait)
{
    /// <returns>How many runs the calls make.</returns>
    public static int Append(List<Run> runs, List<Call> calls)
    {
        var before = runs.Count;
        var run = new Run(0, calls[0].Units, calls[0].MaxWait);
        foreach (var call in calls)
        {
            if (call.Units == run.Units && call.MaxWait == run.MaxWait)
            {
                run = run with { Calls = run.Calls + 1 };
                continue;
            }

            runs.Add(run);
            run = new Run(1, call.Units, call.MaxWait);
        }

        runs.Add(run);
        return runs.Count - before;
    }
}
