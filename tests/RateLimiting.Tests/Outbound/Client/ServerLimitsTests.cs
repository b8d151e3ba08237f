using Sluice.RateLimiting.Outbound;

namespace Sluice.RateLimiting.Tests.Outbound.Client;

/// <summary>What servers say of their limits, in the ways in which they do.</summary>
public sealed class ServerLimitsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public static TheoryData<string[], string> Headers => new()
    {
        {
            ["RateLimit-Policy: \"burst\";q=500;w=20, \"sustained\";q=2000;w=100", "RateLimit: \"burst\";r=495;t=12, \"sustained\";r=1995;t=92"],
            "495 of 500 in 20, 12; 1995 of 2000 in 100, 92"
        },
        { ["RateLimit-Policy: default;w=60;q=10;pk=:Ym9i:", "RateLimit: default;t=3;r=0", "X-RateLimit-Limit: 7", "X-RateLimit-Remaining: 6"], "0 of 10 in 60, 3" },
        { ["RateLimit-Policy: \"a\";q=5;w=1", "RateLimit: \"b\";r=3;t=1"], "" },
        { ["RateLimit-Limit: 100", "RateLimit-Remaining: 40", "RateLimit-Reset: 7"], "40 of 100 in 0, 7" },
        { ["X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1800000030"], "0 of 60 in 0, 30" },
        { ["X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1800000030500"], "0 of 60 in 0, 30.5" },
        { ["X-RateLimit-Limit: 60, 60;w=60", "X-RateLimit-Remaining: 12", "X-RateLimit-Reset: -5"], "12 of 60 in 0, ?" },
        { ["X-Rate-Limit-Limit: 60", "X-Rate-Limit-Remaining: 12"], "12 of 60 in 0, ?" },
        { ["X-RateLimit-Limit: lots", "X-RateLimit-Remaining: 12"], "" },
        { ["RateLimit: ;;;,\"", "RateLimit-Policy: \"a\";q=1e99;w=-1"], "" },
    };

    [Theory]
    [MemberData(nameof(Headers), DisableDiscoveryEnumeration = true)]
    public void They_are_understood(string[] headers, string expected)
    {
        using var response = new HttpResponseMessage();
        foreach (var header in headers.Select(header => header.Split(": ", 2)))
            response.Headers.TryAddWithoutValidation(header[0], header[1]);
        Assert.Equal(expected, string.Join("; ", ServerLimits.Read(response, Now).Select(told => FormattableString.Invariant(
            $"{told.Limit.Remaining} of {told.Limit.Permits} in {told.Limit.Window.TotalSeconds}, {told.Reset?.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"}"))));
    }
}
