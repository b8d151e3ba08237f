using System.Globalization;
using Sluice.RateLimiting;
using Sluice.ServiceDefaults.Startup;

namespace Sluice.Sources.Options;

/// <summary>Names every fault of every source by its configuration path.</summary>
internal static class SourcesCheck
{
    // RabbitMQ takes a message back from a consumer after 30 minutes.
    private static readonly TimeSpan LongestPermitWait = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(4);
    private const int MaxLimits = 8;

    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromDays(7);

    public static void Check(SourcesOptions sources, OptionFaults faults)
    {
        foreach (var (name, source) in sources.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            CheckSource(source, (met, setting, rule) => faults.Require(met, $"{name}:{setting}", rule));
        CheckAccounts(sources, faults);
    }

    private static void CheckSource(SourceOptions source, Action<bool, string, string> require)
    {
        require(Uri.TryCreate(source.BaseAddress, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.Query.Length == 0,
            "BaseAddress", $"must be an absolute http or https address, is '{source.BaseAddress}'");
        if (source.Authentication is { } authentication)
        {
            require(authentication.Header.Length > 0 && authentication.Header.All(IsHeaderNameCharacter),
                "Authentication:Header", $"must be the name of a header, is '{authentication.Header}'");
            require(authentication.Value.Length > 0 && !authentication.Value.AsSpan().ContainsAny('\r', '\n', '\0'),
                "Authentication:Value", "must be set to what the header carries: a key, or a scheme and token");
        }

        CheckList(source.List, source.Kind, require);
        if (source.Kind == SourceKind.Items)
            require(source.Detail.Path.Contains("{id}", StringComparison.Ordinal), "Detail:Path", $"must contain {{id}}, is '{source.Detail.Path}'");

        CheckLimits(source, require);
        foreach (var (index, limit) in source.Limits.Index())
        {
            require(limit.Permits is > 0 and <= LedgerTier.MaxPermits, $"Limits:{index}:Permits", $"must be 1 to {LedgerTier.MaxPermits}, is {limit.Permits}");
            RequireSpan($"Limits:{index}:Window", limit.Window, LedgerTier.MaxWindow, LedgerTier.MinWindow);
        }

        foreach (var (index, delay) in (source.RetryDelays ?? []).Index())
            RequireSpan($"RetryDelays:{index}", delay, LongestRetryDelay);
        RequireSpan("PermitWait", source.PermitWait, LongestPermitWait);
        RequireSpan("Lease", source.Lease, LongestRequest, LedgerAccount.MinLease);
        RequireSpan("BodyTimeout", source.BodyTimeout, LongestRequest);
        require(source.MaxResponseBytes > 0, "MaxResponseBytes", $"must be at least 1, is {source.MaxResponseBytes}");
        require(source.MaxRedirects is >= 0 and <= 50, "MaxRedirects", $"must be 0 to 50, is {source.MaxRedirects}");
        require(source.Concurrency is >= 1 and <= 1000, "Concurrency", $"must be 1 to 1000, is {source.Concurrency}");
        require(source.MaxRefusals > 0, "MaxRefusals", $"must be at least 1, is {source.MaxRefusals}");

        void RequireSpan(string setting, TimeSpan span, TimeSpan longest, TimeSpan? shortest = null) => require(
            span > TimeSpan.Zero && span >= (shortest ?? TimeSpan.Zero) && span <= longest, setting,
            $"must be {(shortest is null ? "above 0 and at most" : $"{shortest:c} to")} {longest:c}, is {span:c}");
    }

    private static void CheckLimits(SourceOptions source, Action<bool, string, string> require)
    {
        require(source.Pacing switch
        {
            ClientPacing.Windows => source.Limits.Length is > 0 and <= MaxLimits,
            ClientPacing.LeakyBucket => source.Limits.Length <= 1,
            _ => source.Limits.Length == 0,
        }, "Limits", source.Pacing switch
        {
            ClientPacing.Windows => $"must have 1 to {MaxLimits} limits of Permits per Window, has {source.Limits.Length}",
            ClientPacing.LeakyBucket => $"must have one limit of Permits per Window at the most for the pacing LeakyBucket, has {source.Limits.Length}",
            _ => $"must be empty for the pacing Adaptive, has {source.Limits.Length}",
        });
        require(source.Burst is >= 1 and <= 10_000, "Burst", $"must be 1 to 10000, is {source.Burst}");
        require(source.Instances is >= 1 and <= 10_000, "Instances", $"must be 1 to 10000, is {source.Instances}");
        foreach (var (index, quota) in source.Quotas.Index())
        {
            require(quota.Permits >= 1, $"Quotas:{index}:Permits", $"must be at least 1, is {quota.Permits}");
            require(TimeZoneInfo.TryFindSystemTimeZoneById(quota.TimeZone, out _), $"Quotas:{index}:TimeZone",
                $"must be the name of a time zone, such as UTC or Europe/Berlin, is '{quota.TimeZone}'");
        }
    }

    private static void CheckList(ListOptions list, SourceKind kind, Action<bool, string, string> require)
    {
        var placeholder = list.Style switch
        {
            PaginationStyle.Page => "{page}",
            PaginationStyle.Offset => "{offset}",
            PaginationStyle.Cursor => "{cursor}",
            _ => "",
        };
        require(list.Path.Length > 0 && list.Path.Contains(placeholder, StringComparison.Ordinal), "List:Path",
            placeholder.Length == 0 ? "must be set" : $"must contain {placeholder}, by which the style {list.Style} pages, is '{list.Path}'");
        require(list.Style != PaginationStyle.Cursor || list.NextCursor.Length > 0, "List:NextCursor", "must be set for the style Cursor");
        require(list.Id.Length > 0 || kind == SourceKind.Days, "List:Id", "must be the path of the id within an item");
        require(list.Path.Contains("{date}", StringComparison.Ordinal) == (kind == SourceKind.Days), "List:Path",
            kind == SourceKind.Days ? $"must contain {{date}}, is '{list.Path}'" : "must not contain {date}, which is for the Kind Days");
        require(IsDateFormat(list.DateFormat), "List:DateFormat", $"must be a format by which any two days are told apart, is '{list.DateFormat}'");
        require(list.PageSize > 0, "List:PageSize", $"must be at least 1, is {list.PageSize}");
        require(list.FirstPage >= 0, "List:FirstPage", $"must be at least 0, is {list.FirstPage}");
        require(list.MaxPages > 0, "List:MaxPages", $"must be at least 1, is {list.MaxPages}");
    }

    private static void CheckAccounts(SourcesOptions sources, OptionFaults faults)
    {
        foreach (var account in sources.GroupBy(entry => Source.AccountOf(entry.Key, entry.Value), StringComparer.Ordinal))
        {
            var (firstName, first) = account.First();
            foreach (var (name, other) in account.Skip(1))
            {
                faults.Require(other.Lease == first.Lease && Limits(other).SequenceEqual(Limits(first)), $"{name}:Limits",
                    $"and Lease must be those of Sources:{firstName}: they share the account '{account.Key}'");
                faults.Require(
                    (other.Pacing, other.Burst, other.OnStoreFailure, other.Instances) == (first.Pacing, first.Burst, first.OnStoreFailure, first.Instances)
                    && Quotas(other).SequenceEqual(Quotas(first)),
                    $"{name}:Pacing", $"Burst, Quotas, OnStoreFailure and Instances must be those of Sources:{firstName}: they share the account '{account.Key}'");
            }
        }
    }

    private static IEnumerable<(int, TimeSpan)> Limits(SourceOptions source) => source.Limits.Select(limit => (limit.Permits, limit.Window)).Order();

    private static bool IsDateFormat(string format)
    {
        try
        {
            var day = new DateOnly(2001, 2, 3);
            return format.Length > 1 && ((DateOnly[])[day, day.AddDays(1), day.AddMonths(1), day.AddYears(1)])
                .Select(other => other.ToString(format, CultureInfo.InvariantCulture)).Distinct(StringComparer.Ordinal).Count() == 4;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static IEnumerable<(int, QuotaKind, string)> Quotas(SourceOptions source) =>
        source.Quotas.Select(quota => (quota.Permits, quota.Period, quota.TimeZone)).Order();

    private static bool IsHeaderNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';
}
