using StackExchange.Redis;

namespace Sluice.RateLimiting.Redis;

/// <summary>Waits for a slot or for a lease. Thread-safe.</summary>
internal sealed class Waiter(RateLimitStore store, TimeProvider time)
{
    private const int SettledSlots = 256;

    /// <summary>The script gives the slot, and the caller sleeps until it has come.</summary>
    /// <param name="key">Whose slot.</param>
    /// <param name="acquire">Asks for it.</param>
    /// <param name="cancellationToken">Gives the slot back.</param>
    public async ValueTask<RateLimitDecision> ForSlotAsync(
        RedisLimitedKey key, Func<ValueTask<RateLimitDecision>> acquire, CancellationToken cancellationToken)
    {
        try
        {
            var decision = await acquire().ConfigureAwait(false);
            if (decision.Slot > TimeSpan.Zero && key.Waiting.CountSlot() % SettledSlots == 0)
                await SettleAsync(key).ConfigureAwait(false);
            try
            {
                await SleepAsync(decision.Slot, cancellationToken).ConfigureAwait(false);
                return decision;
            }
            catch (OperationCanceledException)
            {
                await RefundAsync(decision).ConfigureAwait(false);
                throw;
            }
        }
        finally
        {
            key.Waiting.Leave();
        }
    }

    /// <summary>
    /// First come, first served within the process: the first asks whenever a lease was returned, wherever that was, or one has ended.
    /// </summary>
    public async ValueTask<RateLimitDecision> ForLeaseAsync(
        RedisLimitedKey key, Func<ValueTask<RateLimitDecision>> acquire, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        try
        {
            await key.Waiting.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await TakeAsync(key, acquire, since, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                key.Waiting.PassTurn();
            }
        }
        finally
        {
            key.Waiting.Leave();
        }
    }

    private async Task<RateLimitDecision> TakeAsync(
        RedisLimitedKey key, Func<ValueTask<RateLimitDecision>> acquire, long since, CancellationToken cancellationToken)
    {
        var decision = await acquire().ConfigureAwait(false);
        if (!MayWait(decision, key.Policy.MaxWait, since))
            return decision;

        var returned = new SemaphoreSlim(0);
        var channel = LeaseKeeper.ChannelOf(key);
        void Wake(RedisChannel _, RedisValue __) => returned.Release();
        await store.SubscribeAsync(channel, Wake).ConfigureAwait(false);
        try
        {
            while (true)
            {
                // One may have been returned before the subscription, or since.
                while (returned.Wait(0, CancellationToken.None))
                {
                }

                decision = await acquire().ConfigureAwait(false);
                if (!MayWait(decision, key.Policy.MaxWait, since))
                    return decision;
                var left = key.Policy.MaxWait - time.GetElapsedTime(since);
                await SleepAsync(decision.RetryAfter < left ? decision.RetryAfter : left, cancellationToken, returned).ConfigureAwait(false);
            }
        }
        finally
        {
            await store.UnsubscribeAsync(channel, Wake).ConfigureAwait(false);
        }
    }

    // A rate's slot that is too far away is refused at once; a lease may come back at any moment.
    private bool MayWait(in RateLimitDecision decision, TimeSpan most, long since)
    {
        if (decision.IsGranted || decision.IsStoreUnavailable)
            return false;
        var left = most - time.GetElapsedTime(since);
        return left > TimeSpan.Zero
            && (decision.RetryAfter <= left || decision.BindingTier!.Value.Tier.Algorithm == RateLimitAlgorithm.Concurrency);
    }

    /// <summary>Timers count whole milliseconds: rounded up, so that nobody starts before his time.</summary>
    private Task SleepAsync(TimeSpan delay, CancellationToken cancellationToken, SemaphoreSlim? until = null)
    {
        if (delay <= TimeSpan.Zero)
            return Task.CompletedTask;
        var rounded = TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds));
        return until is null ? Task.Delay(rounded, time, cancellationToken) : UntilAsync(until, rounded, cancellationToken);
    }

    private async Task UntilAsync(SemaphoreSlim signal, TimeSpan most, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var signalled = signal.WaitAsync(stop.Token);
        await Task.WhenAny(signalled, Task.Delay(most, time, stop.Token)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task RefundAsync(RateLimitDecision decision)
    {
        try
        {
            await decision.RefundAsync().ConfigureAwait(false);
        }
        catch (RateLimitStoreException)
        {
            // The slot passes unused: nobody gets more than the limit by that.
        }
    }

    // A refund of nothing takes the slots from the list whose time has come, which would else grow for as long as anybody waits.
    private async Task SettleAsync(RedisLimitedKey key)
    {
        try
        {
            await store.RefundAsync(key, units: 0, at: 0).ConfigureAwait(false);
        }
        catch (RateLimitStoreException)
        {
            // The next one may do it.
        }
    }
}
