using Sluice.ServiceDefaults.Startup;

namespace Sluice.Dashboard;

/// <summary>Configuration section <c>Dashboard</c>.</summary>
internal sealed class DashboardOptions
{
    public const string Section = "Dashboard";

    private const int ShortestToken = 32;
    private const int LongestToken = 256;

    /// <summary>The key with which the dashboard calls the gateway; its client needs the role <c>operator</c>. Required.</summary>
    public string ApiKey { get; init; } = "";

    /// <summary>The token of the link that signs in once after the start, 32 to 256 characters. Default: a random one.</summary>
    public string? LoginToken { get; init; }

    /// <summary>Where people reach the gateway, as links in the log have it. Default: where the dashboard itself finds it.</summary>
    public Uri? PublicAddress { get; init; }

    /// <summary>Where the keys of sign-ins are kept, so that they outlive a restart. Default: a folder of the user's own.</summary>
    public string Folder { get; init; } = DefaultFolder();

    /// <summary>How long a sign-in lasts when nothing is done, 1 min to 366 days. Default 7 days.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a link that was asked for can be used, 1 s to 1 day. Default 15 min.</summary>
    public TimeSpan LinkLifetime { get; init; } = TimeSpan.FromMinutes(15);

    public static void Check(DashboardOptions options, OptionFaults faults)
    {
        faults.Require(!string.IsNullOrWhiteSpace(options.ApiKey), nameof(ApiKey),
            "is missing: the dashboard needs the key of a client of the gateway that has the role 'operator'");
        faults.Require(options.LoginToken is null or { Length: >= ShortestToken and <= LongestToken }, nameof(LoginToken),
            $"must have {ShortestToken} to {LongestToken} characters, has {options.LoginToken?.Length}");
        faults.Require(options.PublicAddress is null or { IsAbsoluteUri: true, Scheme: "http" or "https" }, nameof(PublicAddress),
            $"must be an address such as https://sluice.example, is '{options.PublicAddress}'");
        faults.Require(Path.IsPathFullyQualified(options.Folder), nameof(Folder), $"must be the full path of a folder, is '{options.Folder}'");
        faults.Require(options.SessionLifetime >= TimeSpan.FromMinutes(1) && options.SessionLifetime <= TimeSpan.FromDays(366),
            nameof(SessionLifetime), $"must be 1 min to 366 days, is {options.SessionLifetime}");
        faults.Require(options.LinkLifetime >= TimeSpan.FromSeconds(1) && options.LinkLifetime <= TimeSpan.FromDays(1),
            nameof(LinkLifetime), $"must be 1 s to 1 day, is {options.LinkLifetime}");
    }

    private static string DefaultFolder() =>
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } own
            ? Path.Combine(own, "sluice", "dashboard")
            : "";
}
