using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using Sluice.ItemApi.Items;

namespace Sluice.ItemApi.Search;

/// <summary>
/// What a caller searches for: words that must all be there, <c>"phrases"</c>, <c>or</c>, <c>-without</c>. PostgreSQL reads that and takes
/// any text for it. A caller may still be typing, so the last word also stands for every word that begins with it.
/// </summary>
/// <param name="Before">What comes before the last word and must be there too.</param>
/// <param name="LastWord">Letters, digits and hyphens; empty where the text doesn't end in a word of its own, and in an open phrase.</param>
public sealed partial record SearchQuery(string Text, string Before, string LastWord, ItemQuery.ByPage Page)
{
    public const int LongestText = 200;

    /// <returns>The query, or every fault by the name of its field.</returns>
    public static (SearchQuery? Query, Dictionary<string, string[]> Faults) Read(IQueryCollection parameters)
    {
        var numbers = new PageParameters(parameters);
        var page = numbers.ReadPage();
        if (FaultOf(parameters["q"]) is { } fault)
            numbers.Faults["q"] = [fault];
        return numbers.Faults.Count == 0 ? (Of(parameters["q"].ToString().Trim(), page), numbers.Faults) : (null, numbers.Faults);
    }

    private static string? FaultOf(StringValues given)
    {
        if (given is not [{ } text] || string.IsNullOrWhiteSpace(text))
            return "q must be given once and say what to search for.";
        if (text.EnumerateRunes().Any(Rune.IsControl))
            return "q must not contain control characters.";
        return text.EnumerateRunes().Count() > LongestText
            ? string.Create(CultureInfo.InvariantCulture, $"q must not be longer than {LongestText} characters.")
            : null;
    }

    private static SearchQuery Of(string text, ItemQuery.ByPage page)
    {
        if (LastWordOf().Match(text) is not { Success: true } last || text.Count('"') % 2 != 0)
            return new SearchQuery(text, "", "", page);

        // After "or" the last word is enough by itself.
        var before = text[..last.Index];
        return new SearchQuery(text, EndsInOr().IsMatch(before) ? "" : before, last.Value, page);
    }

    [GeneratedRegex(@"(?<!\S)[\p{L}\p{Nd}]+(-[\p{L}\p{Nd}]+)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex LastWordOf();

    [GeneratedRegex(@"(?<!\S)or\s+\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EndsInOr();
}
