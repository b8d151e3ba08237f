using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.RateLimiting.Redis;

/// <summary>
/// Puts a script on the tiers of a policy together. driver.lua says how: what stands between "each tier" and "end" is repeated for every tier, as is
/// what stands in braces in a format; "insert" is replaced by the named part of the tier's algorithm, or of state.lua outside; N by the tier's number, L by
/// that of the first tier with its algorithm. Before a part of that first tier stands the algorithm's shared part of the name, if it has one.
/// </summary>
internal sealed partial class ScriptTemplate(Func<string, string> read)
{
    private const string Each = "--each tier";
    private const string End = "--end";
    private const string Insert = "--insert ";
    private const string Part = "--# ";
    private const string Like = "like ";
    private const string Prelude = "prelude";
    private const string Shared = "shared ";

    /// <summary>Numbers at the front of each state, whatever its algorithms are.</summary>
    private const int Common = 3;

    /// <summary>Another one for each change of what states hold: what an earlier version has written isn't misread, it counts no more.</summary>
    private const int Layout = 4;

    /// <summary>How scripts and keys call an algorithm.</summary>
    public static string NameOf(RateLimitAlgorithm algorithm) => algorithm switch
    {
        RateLimitAlgorithm.SlidingWindow => "sliding_window",
        RateLimitAlgorithm.TokenBucket => "token_bucket",
        RateLimitAlgorithm.LeakyBucket => "leaky_bucket",
        RateLimitAlgorithm.SlidingWindowCounter => "sliding_window_counter",
        RateLimitAlgorithm.FixedWindow => "fixed_window",
        RateLimitAlgorithm.Gcra => "gcra",
        RateLimitAlgorithm.Concurrency => "concurrency",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "No such algorithm."),
    };

    public string Compose(string script, ImmutableArray<RateLimitAlgorithm> tiers)
    {
        var parts = tiers.Distinct().ToDictionary(algorithm => algorithm, algorithm => PartsOf(NameOf(algorithm)));
        var text = new StringBuilder();
        foreach (var prelude in parts.Values.Select(own => own.GetValueOrDefault(Prelude)).OfType<string>().Distinct(StringComparer.Ordinal))
            text.Append(prelude);
        // What stands behind its text first.
        var numbers = Enumerable.Range(0, tiers.Length).OrderBy(number => PartOf("behind", number).Length == 0).ToList();
        var (lasting, fields) = (Names("lasting"), Names("fields"));
        var texts = numbers.Sum(number => (PartOf("head", number) + PartOf("behind", number)).Split('\n').Count(line => line.StartsWith(',')));
        var state = PartsOf("state");
        if (texts > 0)
            state["numbers"] = state["numbers_around_texts"];
        Expand(read(script), tiers, parts, state, text);

        var front = Common + lasting.Count;
        return text
            .Replace("FRONT_BYTES", Bytes(front))
            .Replace("BACK_BYTES", Bytes(fields.Count))
            .Replace("FRONT", Format(front))
            .Replace("TEXTS", string.Concat(Enumerable.Repeat("c0", texts)))
            .Replace("BACK", Format(fields.Count))
            .Replace("LASTING", string.Concat(lasting.Select(name => ", " + name)))
            .Replace("FIELDS", string.Concat(fields.Select(name => ", " + name)))
            .Replace("NAMES", string.Join(", ", fields))
            .Replace("SHAPE", string.Concat(tiers.Select(algorithm => (int)algorithm + 1).Prepend(Layout)))
            .ToString();

        static string Bytes(int doubles) => (doubles * sizeof(double)).ToString(CultureInfo.InvariantCulture);

        static string Format(int doubles) => new('d', doubles);

        List<string> Names(string part) =>
            [.. numbers.SelectMany(number => PartOf(part, number).Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries))];

        string PartOf(string name, int number) => Tier(Insert + name + "\n", number, tiers, parts[tiers[number]]);
    }

    private static void Expand(
        string template,
        ImmutableArray<RateLimitAlgorithm> tiers,
        Dictionary<RateLimitAlgorithm, Dictionary<string, string>> parts,
        Dictionary<string, string> state,
        StringBuilder text)
    {
        var repeated = (StringBuilder?)null;
        foreach (var line in PerTier().Replace(template, format => string.Concat(Enumerable.Repeat(format.Groups[1].Value, tiers.Length))).Split('\n'))
        {
            if (line == Each)
            {
                repeated = new StringBuilder();
            }
            else if (line == End)
            {
                for (var number = 0; number < tiers.Length; number++)
                    text.Append(Tier(repeated!.ToString(), number, tiers, parts[tiers[number]]));
                repeated = null;
            }
            else if (repeated is null && line.StartsWith(Insert, StringComparison.Ordinal))
            {
                Expand(state[line[Insert.Length..]], tiers, parts, state, text);
            }
            else
            {
                (repeated ?? text).Append(line).Append('\n');
            }
        }
    }

    private static string Tier(string lines, int number, ImmutableArray<RateLimitAlgorithm> tiers, Dictionary<string, string> parts)
    {
        var leader = tiers.IndexOf(tiers[number]);
        // A part may insert others.
        string InsertParts(string text) => InsertLine().Replace(text, insert => InsertParts(
            (number == leader ? parts.GetValueOrDefault(Shared + insert.Groups[1].Value) : null) + parts.GetValueOrDefault(insert.Groups[1].Value)));
        var numbered = TierNumber().Replace(InsertParts(lines), (number + 1).ToString(CultureInfo.InvariantCulture));
        return LeaderNumber().Replace(numbered, (leader + 1).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The named parts of an algorithm's file, or of the one that it is like.</summary>
    private Dictionary<string, string> PartsOf(string name)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in ("\n" + read($"{name}.lua")).Split("\n" + Part).Skip(1))
        {
            var head = part.Split('\n', 2);
            if (head[0].StartsWith(Like, StringComparison.Ordinal))
                return PartsOf(head[0][Like.Length..]);
            parts.Add(head[0], head[1]);
        }

        return parts;
    }

    [GeneratedRegex(@"\{(d+)\}")]
    private static partial Regex PerTier();

    [GeneratedRegex(@"^--insert (\w+)\n", RegexOptions.Multiline)]
    private static partial Regex InsertLine();

    [GeneratedRegex(@"(?<=_)N\b|\bN\b")]
    private static partial Regex TierNumber();

    [GeneratedRegex(@"(?<=_)L\b")]
    private static partial Regex LeaderNumber();
}
