using System.Text.RegularExpressions;

namespace Sluice.Sources.Reading;

/// <summary>The <c>Link</c> header (RFC 8288), as far as paging needs it.</summary>
internal static partial class LinkHeader
{
    public static string? Next(IEnumerable<string> values) => values
        .SelectMany(value => Links().Matches(value))
        .Where(link => Parameters().Matches(link.Groups["parameters"].Value).Any(IsNext))
        .Select(link => link.Groups["target"].Value)
        .FirstOrDefault();

    private static bool IsNext(Match parameter) =>
        parameter.Groups["name"].Value.Equals("rel", StringComparison.OrdinalIgnoreCase)
        && parameter.Groups["value"].Value.Split(' ').Contains("next", StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex("""<(?<target>[^>]*)>(?<parameters>(?:[^,"<]|"[^"]*")*)""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Links();

    [GeneratedRegex("""\G\s*;\s*(?<name>[^\s=;]*)\s*(?:=\s*(?:"(?<value>[^"]*)"|(?<value>[^\s;]*)))?""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameters();
}
