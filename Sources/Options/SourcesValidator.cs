using Microsoft.Extensions.Options;

namespace Sluice.Sources.Options;

/// <summary>Names every fault of every source by its configuration path.</summary>
internal sealed class SourcesValidator : IValidateOptions<SourcesOptions>
{
    private static readonly TimeSpan LongestPermitWait = TimeSpan.FromMinutes(25);

    public ValidateOptionsResult Validate(string? name, SourcesOptions options)
    {
        List<string> faults = [];
        foreach (var (source, settings) in options.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            CheckSource(new Faults(faults, $"Sources:{source}"), settings);
        CheckAccounts(faults, options);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckSource(Faults faults, SourceOptions source)
    {
        faults.Unless(
            Uri.TryCreate(source.BaseAddress, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && source.BaseAddress.EndsWith('/'),
            "BaseAddress", $"must be an absolute http or https address that ends with '/', not '{source.BaseAddress}'");
        if (source.Authentication is { } authentication)
        {
            faults.Unless(authentication.Header.Length > 0 && authentication.Header.All(IsHeaderNameCharacter), "Authentication:Header",
                $"must be the name of a header, not '{authentication.Header}'");
            faults.Unless(authentication.Value.Length > 0 && !authentication.Value.AsSpan().ContainsAny('\r', '\n', '\0'), "Authentication:Value",
                "must be set: the key, token or scheme and token that the header carries");
        }

        CheckList(faults.At("List"), source.List);
        faults.Unless(source.Detail.Path.Contains("{id}", StringComparison.Ordinal), "Detail:Path", $"must contain {{id}}, not '{source.Detail.Path}'");
        CheckLimits(faults, source);

        faults.Unless(source.PermitWait > TimeSpan.Zero && source.PermitWait <= LongestPermitWait, "PermitWait",
            $"must be above 0 and at most {LongestPermitWait}, not {source.PermitWait}");
        faults.Unless(source.BodyTimeout > TimeSpan.Zero && source.BodyTimeout <= TimeSpan.FromMinutes(4), "BodyTimeout",
            $"must be above 0 and at most 00:04:00, not {source.BodyTimeout}");
        faults.Unless(source.MaxResponseBytes > 0, "MaxResponseBytes", $"must be above 0 bytes, not {source.MaxResponseBytes}");
        faults.Unless(source.MaxRefusals > 0, "MaxRefusals", $"must be above 0, not {source.MaxRefusals}");
        foreach (var (index, delay) in (source.RetryDelays ?? []).Index())
            faults.Unless(delay > TimeSpan.Zero && delay <= TimeSpan.FromDays(7), $"RetryDelays:{index}", $"must be above 0 and at most 7.00:00:00, not {delay}");
    }

    private static void CheckList(Faults faults, ListOptions list)
    {
        var placeholder = list.Style switch
        {
            PaginationStyle.Page => "{page}",
            PaginationStyle.Offset => "{offset}",
            PaginationStyle.Cursor => "{cursor}",
            _ => "",
        };
        faults.Unless(list.Path.Length > 0 && list.Path.Contains(placeholder, StringComparison.Ordinal), "Path",
            placeholder.Length == 0 ? "must be set" : $"must contain {placeholder}, which the style {list.Style} counts on, not '{list.Path}'");
        faults.Unless(list.Style != PaginationStyle.Cursor || list.NextCursor.Length > 0, "NextCursor", "must be set for the style Cursor");
        faults.Unless(list.Id.Length > 0, "Id", "must be the path of the id within an item");
        faults.Unless(list.PageSize > 0, "PageSize", $"must be above 0, not {list.PageSize}");
        faults.Unless(list.FirstPage >= 0, "FirstPage", $"must be 0 or above, not {list.FirstPage}");
        faults.Unless(list.MaxPages > 0, "MaxPages", $"must be above 0, not {list.MaxPages}");
    }

    private static void CheckLimits(Faults faults, SourceOptions source)
    {
        faults.Unless(source.Limits.Length > 0, "Limits", "must have at least one limit of Permits per Window");
        foreach (var (index, limit) in source.Limits.Index())
        {
            faults.Unless(limit.Permits > 0, $"Limits:{index}:Permits", $"must be above 0, not {limit.Permits}");
            faults.Unless(limit.Window > TimeSpan.Zero, $"Limits:{index}:Window", $"must be above 0, not {limit.Window}");
        }

        faults.Unless(source.Lease > TimeSpan.Zero && source.Lease <= TimeSpan.FromMinutes(5), "Lease",
            $"must be above 0 and at most 00:05:00, not {source.Lease}");
    }

    private static void CheckAccounts(List<string> faults, SourcesOptions options)
    {
        foreach (var account in options.GroupBy(entry => Source.AccountOf(entry.Key, entry.Value), StringComparer.Ordinal))
        {
            var first = account.First();
            foreach (var (name, other) in account.Skip(1))
                if (other.Lease != first.Value.Lease || !SameLimits(other.Limits, first.Value.Limits))
                    faults.Add($"Sources:{name}:Limits must be those of Sources:{first.Key}, Lease too: they share the account '{account.Key}'");
        }
    }

    private static bool SameLimits(LimitOptions[] one, LimitOptions[] other) =>
        one.Select(limit => (limit.Permits, limit.Window)).Order().SequenceEqual(other.Select(limit => (limit.Permits, limit.Window)).Order());

    private static bool IsHeaderNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';

    private readonly record struct Faults(List<string> Found, string Path)
    {
        public Faults At(string child) => this with { Path = $"{Path}:{child}" };

        public void Unless(bool sound, string setting, string fault)
        {
            if (!sound)
                Found.Add($"{Path}:{setting} {fault}");
        }
    }
}
