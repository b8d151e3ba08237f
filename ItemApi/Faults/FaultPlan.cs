using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sluice.ItemApi.Catalog;

namespace Sluice.ItemApi.Faults;

/// <summary>Decides the fate of requests by settings that are in force. Thread-safe.</summary>
internal sealed class FaultPlan(FaultSettings settings, TimeProvider time)
{
    /// <summary>Beyond so many addresses they are counted anew: a plan that is forgotten must not fill the memory.</summary>
    private const int MostAddresses = 200_000;

    private static readonly string[] garbage = ["soon", "-1", "1.5", "99999999999999999999", "Thu, 32 Dec 2025 25:61:00 GMT"];

    private readonly (int Status, double Share)[] statuses = [.. settings.Statuses
        .Select(status => (Status: int.Parse(status.Key, CultureInfo.InvariantCulture), status.Value)).OrderBy(status => status.Status)];

    private readonly HashSet<string> failingIds = new(settings.FailingIds, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> arrivals = new(StringComparer.Ordinal);
    private readonly SecretLimit? limit = settings.SecretLimit is { } secret ? new SecretLimit(secret, time) : null;

    public FaultSettings Settings { get; } = settings;

    public Fate Of(HttpRequest request)
    {
        var address = $"{request.Method} {request.Path}{request.QueryString}";
        var draw = new Draw(Settings.Seed, Hash(address) + Arrival(address));
        var latency = TimeSpan.FromMilliseconds(Settings.LatencyMilliseconds + draw.Share() * Settings.JitterMilliseconds);
        if (limit?.Enter() is { } wait)
            return new Fate(latency, false, StatusCodes.Status429TooManyRequests, RetryAfter((int)Math.Ceiling(wait.TotalSeconds), ref draw));
        if (IsOfFailingId(request))
            return new Fate(latency, false, StatusCodes.Status500InternalServerError, null);

        var share = draw.Share();
        foreach (var (status, of) in statuses)
        {
            if (share < of)
                return new Fate(latency, false, status, status is 429 or 503 ? RetryAfter(Settings.RetryAfterSeconds, ref draw) : null);
            share -= of;
        }

        return new Fate(latency, share < Settings.Dropped, null, null);
    }

    private bool IsOfFailingId(HttpRequest request) => failingIds.Count > 0
        && (failingIds.Contains(request.Path.Value![(request.Path.Value!.LastIndexOf('/') + 1)..]) || failingIds.Contains(request.Query["date"].ToString()));

    private string? RetryAfter(int seconds, ref Draw draw) => Settings.RetryAfter switch
    {
        RetryAfterShape.Seconds => seconds.ToString(CultureInfo.InvariantCulture),
        RetryAfterShape.Date => (time.GetUtcNow() + TimeSpan.FromSeconds(seconds)).ToString("R", CultureInfo.InvariantCulture),
        RetryAfterShape.Garbage => draw.From(garbage),
        _ => null,
    };

    private int Arrival(string address)
    {
        if (arrivals.Count > MostAddresses)
            arrivals.Clear();
        return arrivals.AddOrUpdate(address, 1, static (_, before) => before + 1);
    }

    // string.GetHashCode is another one in every process.
    private static long Hash(string address) => BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(address)));
}
