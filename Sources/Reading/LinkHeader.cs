using System.Text.RegularExpressions;

namespace Sluice.Sources.Reading;

/// <summary>The <c>Link</c> header (RFC 8288), as far as paging needs it.</summary>
internal static partial class LinkHeader
{
    public static string? Next(IEnumerable<string> values) => values
        .SelectMany(value => Links().Matches(value))
        .Where(link => IsNext().IsMatch(link.Groups["parameters"].Value))
        .Select(link => link.Groups["target"].Value)
        .FirstOrDefault();

    [GeneratedRegex("""<(?<target>[^>]*)>(?<parameters>(?:[^,"<]|"[^"]*")*)""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Links();

    [GeneratedRegex("""(?:^|;)\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?![\w-]))""", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IsNext();
}
