using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Sluice.RateLimiting.Outbound;

/// <summary>
/// What a response's headers say of the server's limits: <c>RateLimit</c> and <c>RateLimit-Policy</c> (draft-ietf-httpapi-ratelimit-headers-11, and the
/// three fields of its older versions), else <c>X-RateLimit-Limit</c>, <c>-Remaining</c>, <c>-Reset</c>. What can't be read is left out.
/// </summary>
internal static partial class ServerLimits
{
    /// <summary>Numbers of seconds above this are times since 1970, above the second one in ms.</summary>
    private const double LeastUnixSeconds = 1e9;
    private const double LeastUnixMilliseconds = 1e12;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <param name="response">The response.</param>
    /// <param name="now">For what is told as a time, if the response has no date of its own.</param>
    public static IReadOnlyList<ToldLimit> Read(HttpResponseMessage response, DateTimeOffset now)
    {
        var draft = Draft(response.Headers).ToList();
        return draft.Count > 0 ? draft : Single(response, now) is { } single ? [single] : [];
    }

    /// <summary>How long a refused or failed request is to wait: by Retry-After, else until the limit is reset of which nothing remains; null: it doesn't say.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        // By the server's own clock, where it tells it.
        { Date: { } date } => AtLeastZero(date - (response.Headers.Date ?? now)),
        _ => Read(response, now).Where(told => told.Limit.Remaining <= 0).Max(told => told.Reset),
    };

    private static IEnumerable<ToldLimit> Draft(HttpResponseHeaders headers)
    {
        var policies = Members(headers, "RateLimit-Policy").Where(member => member.Name.Length > 0)
            .DistinctBy(member => member.Name).ToDictionary(member => member.Name, member => member.Parameters, StringComparer.Ordinal);
        foreach (var (name, parameters) in Members(headers, "RateLimit"))
        {
            if (name.Length == 0 || !policies.TryGetValue(name, out var policy) || Number(policy, "q") is not { } limit || Number(parameters, "r") is not { } remaining)
                continue;
            yield return Told(limit, remaining, Seconds(Number(policy, "w")), Seconds(Number(parameters, "t")));
        }
    }

    private static ToldLimit? Single(HttpResponseMessage response, DateTimeOffset now)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["RateLimit-", "X-RateLimit-", "X-Rate-Limit-"])
            if (Number(response.Headers, prefix + "Limit") is { } limit && Number(response.Headers, prefix + "Remaining") is { } remaining)
                return Told(limit, remaining, null, Until(Number(response.Headers, prefix + "Reset"), response.Headers.Date ?? now));
        return null;
    }

    private static ToldLimit Told(double limit, double remaining, TimeSpan? window, TimeSpan? reset) =>
        new(new ServerLimit((int)Math.Clamp(limit, 1, int.MaxValue), (int)Math.Clamp(remaining, 0, int.MaxValue), window ?? TimeSpan.Zero), reset);

    private static TimeSpan? Until(double? reset, DateTimeOffset now) => reset switch
    {
        null => null,
        >= LeastUnixMilliseconds => AtLeastZero(DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Min(reset.Value, 1e14)) - now),
        >= LeastUnixSeconds => AtLeastZero(DateTimeOffset.UnixEpoch.AddSeconds(reset.Value) - now),
        _ => Seconds(reset),
    };

    private static TimeSpan? Seconds(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(Math.Clamp(value, 0, Longest.TotalSeconds)) : null;

    private static TimeSpan AtLeastZero(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span;

    private static double? Number(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) && Parse(values.First().Split(',', ';')[0]) is { } number ? number : null;

    private static double? Number(IReadOnlyDictionary<string, string> parameters, string name) =>
        parameters.TryGetValue(name, out var value) ? Parse(value) : null;

    private static double? Parse(string text) =>
        double.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>The members of a structured list (RFC 9651): strings or tokens, with parameters.</summary>
    private static IEnumerable<(string Name, IReadOnlyDictionary<string, string> Parameters)> Members(HttpResponseHeaders headers, string name)
    {
        if (!headers.TryGetValues(name, out var values))
            yield break;
        foreach (Match member in MemberPattern().Matches(string.Join(',', values)))
        {
            Dictionary<string, string> parameters = new(StringComparer.Ordinal);
            foreach (var (key, value) in member.Groups["key"].Captures.Zip(member.Groups["value"].Captures))
                parameters[key.Value] = value.Value;
            yield return (member.Groups["name"].Value, parameters);
        }
    }

    [GeneratedRegex("""\G\s*(?:"(?<name>[^"]*)"|(?<name>[^\s",;]+))(?:\s*;\s*(?<key>[a-z*][a-z0-9_.*-]*)=(?<value>"[^"]*"|[^\s,;]*))*\s*(?:,|$)""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MemberPattern();
}

/// <summary>A limit as it was told.</summary>
/// <param name="Limit">Its numbers.</param>
/// <param name="Reset">Until it is whole again; null where the server doesn't say.</param>
internal readonly record struct ToldLimit(ServerLimit Limit, TimeSpan? Reset);
