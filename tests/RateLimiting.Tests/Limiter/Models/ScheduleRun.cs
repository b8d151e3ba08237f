namespace Sluice.RateLimiting.Tests.Limiter.Models;

/// <summary>Does the same to a key and to its model, and compares what they say.</summary>
internal sealed class ScheduleRun(IKeyUnderTest key, PolicyModel model, EngineTraits traits, long start)
{
    private readonly List<(int Units, long At, bool IsSlot)> grants = [];

    // What has been given back isn't given back again: the model forgets nothing, so it would take another charge.
    private readonly HashSet<(Undo, int)> undone = [];
    private int forgotten;
    private long now = start;
    private long latest = start;
    private long lastWaitEnd = start;

    public async Task FollowAsync(Step step)
    {
        now = step.Pause.ToLastWait ? Math.Max(now, lastWaitEnd + step.Pause.Microseconds) : now + step.Pause.Microseconds;
        latest = Math.Max(now, latest);
        model.See(now);
        await UndoAsync(step);
        foreach (var calls in traits.DecidesTogether ? [step.Calls] : step.Calls.Select(call => (IReadOnlyList<ModelCall>)[call]))
        {
            var expected = model.Decide(now, calls);
            var decisions = await key.DecideAsync(now, calls);
            Assert.Equal(expected.Select(decision => decision.ToString()), decisions.Select(decision => decision.ToString()));
            foreach (var (call, decision) in calls.Zip(expected))
            {
                lastWaitEnd = decision.Wait > 0 ? now + decision.Wait : lastWaitEnd;
                if (decision.IsGranted && call.Kind != CallKind.Probe)
                    grants.Add((call.Units, now + decision.Wait, decision.Wait > 0));
            }
        }
    }

    private async Task UndoAsync(Step step)
    {
        if (step.Undo == Undo.Reset)
        {
            model.Reset();
            await key.ResetAsync(now);
            forgotten = grants.Count;
            return;
        }

        if (step.Undo == Undo.Nothing || grants.Count == forgotten)
            return;
        var grant = forgotten + step.Grant % (grants.Count - forgotten);
        var (units, at, isSlot) = grants[grant];
        var isAhead = isSlot && at > latest;
        if (!undone.Add((step.Undo, grant)))
            return;
        if (step.Undo == Undo.Refund && isAhead)
        {
            model.GiveUp(units, at);
            await key.GiveUpAsync(now, grant);
        }
        else if (step.Undo == Undo.Refund)
        {
            model.Refund(units, at);
            await key.RefundAsync(now, grant);
        }
        else
        {
            model.Return(units, at);
            await key.ReturnAsync(now, grant);
        }
    }
}
