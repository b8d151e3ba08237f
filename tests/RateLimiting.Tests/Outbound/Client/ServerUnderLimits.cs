using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

/// <summary>A real server that counts arrivals on its own clock, in its own way, and refuses what is too much.</summary>
internal sealed class ServerUnderLimits : IAsyncDisposable
{
    private readonly Lock sync = new();
    private readonly WebApplication app;
    private readonly IReadOnlyList<Counter> counters;
    private readonly bool tells;
    private readonly ConcurrentQueue<int> answers = new();
    private long lastOther;

    private ServerUnderLimits(WebApplication app, IReadOnlyList<Counter> counters, bool tells) => (this.app, this.counters, this.tells) = (app, counters, tells);

    public string Address => app.Urls.Single();

    /// <summary>Sets the answer where the limits don't refuse; by default 200.</summary>
    public Func<HttpContext, Task>? OnRequest { get; set; }

    public int Requests => answers.Count;

    public int Refusals => answers.Count(status => status == StatusCodes.Status429TooManyRequests);

    /// <param name="counters">All of them hold.</param>
    /// <param name="tells">Whether answers carry RateLimit fields.</param>
    public static async Task<ServerUnderLimits> StartAsync(IReadOnlyList<Counter> counters, bool tells = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new ServerUnderLimits(builder.Build(), counters, tells);
        server.app.Run(server.AnswerAsync);
        await server.app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Whether nothing that others have used counts any more.</summary>
    public bool OthersHaveLeft => TimeProvider.System.GetElapsedTime(lastOther) > counters.Max(counter => counter.Tier.Window);

    /// <summary>Somebody else uses the budget, who always gets through.</summary>
    public void UseByOthers()
    {
        lock (sync)
        {
            lastOther = TimeProvider.System.GetTimestamp();
            foreach (var counter in counters)
            {
                _ = counter.Remaining(lastOther);
                counter.Use();
            }
        }
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private bool TryUse()
    {
        lock (sync)
        {
            var now = TimeProvider.System.GetTimestamp();
            if (!counters.All(counter => counter.HasRoom(now)))
                return false;
            foreach (var counter in counters)
                counter.Use();
            return true;
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var isAdmitted = TryUse();
        if (tells)
            Tell(context.Response.Headers);
        if (!isAdmitted)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "1";
        }
        else if (OnRequest is not null)
        {
            await OnRequest(context);
        }

        answers.Enqueue(context.Response.StatusCode);
    }

    private void Tell(IHeaderDictionary headers)
    {
        lock (sync)
        {
            var now = TimeProvider.System.GetTimestamp();
            headers["RateLimit-Policy"] = string.Join(", ", counters.Select((counter, number) =>
                string.Create(CultureInfo.InvariantCulture, $"\"t{number}\";q={counter.Tier.Permits};w={counter.Tier.Window.TotalSeconds}")));
            headers["RateLimit"] = string.Join(", ", counters.Select((counter, number) =>
                string.Create(CultureInfo.InvariantCulture, $"\"t{number}\";r={Math.Max(0, counter.Remaining(now))};t=1")));
        }
    }
}

/// <summary>A way to count; not thread-safe. Times are timestamps.</summary>
internal abstract class Counter(LedgerTier tier)
{
    public LedgerTier Tier => tier;

    protected long Window { get; } = (long)(tier.Window.TotalSeconds * TimeProvider.System.TimestampFrequency);

    public bool HasRoom(long now) => Remaining(now) >= 1;

    public abstract int Remaining(long now);

    public abstract void Use();
}

/// <summary>Never more than the permits in any window.</summary>
internal sealed class SlidingLog(LedgerTier tier) : Counter(tier)
{
    private readonly Queue<long> admitted = new();
    private long latest;

    public override int Remaining(long now)
    {
        latest = now;
        while (admitted.TryPeek(out var oldest) && oldest <= now - Window)
            admitted.Dequeue();
        return Tier.Permits - admitted.Count;
    }

    public override void Use() => admitted.Enqueue(latest);
}

/// <summary>A window begins with the first request after the one before has ended, or at multiples of its length.</summary>
internal sealed class FixedWindow(LedgerTier tier, bool isAligned) : Counter(tier)
{
    private long begin = long.MinValue / 2;
    private long latest;
    private int used;

    public override int Remaining(long now)
    {
        latest = now;
        if (isAligned && begin != now / Window * Window)
            (begin, used) = (now / Window * Window, 0);
        return !isAligned && now - begin >= Window ? Tier.Permits : Tier.Permits - used;
    }

    public override void Use()
    {
        if (!isAligned && latest - begin >= Window)
            (begin, used) = (latest, 0);
        used++;
    }
}

/// <summary>Holds the permits, and gets as many back in each window.</summary>
internal sealed class TokenBucket(LedgerTier tier) : Counter(tier)
{
    private double tokens = tier.Permits;
    private long latest = TimeProvider.System.GetTimestamp();

    public override int Remaining(long now)
    {
        tokens = Math.Min(Tier.Permits, tokens + (double)(now - latest) / Window * Tier.Permits);
        latest = now;
        return (int)(tokens + 1e-9);
    }

    public override void Use() => tokens--;
}
