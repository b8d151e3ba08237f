using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Sluice.ServiceDefaults.Startup;

namespace Sluice.ServiceDefaults.Migrations;

/// <summary>One embedded SQL file. The hash is over the text with LF line ends, so a checkout on another system has the same.</summary>
internal sealed partial record Migration(string Name, string Sql)
{
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));

    /// <exception cref="StartupException">A name is not <c>NNN_name.sql</c>, or two files have one number.</exception>
    public static IReadOnlyList<Migration> In(Assembly assembly)
    {
        var names = assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var faults = names.Where(name => !Pattern().IsMatch(name)).Select(name => $"{name} is not named NNN_name.sql")
            .Concat(names.GroupBy(name => name[..Math.Min(3, name.Length)]).Where(same => same.Count() > 1).Select(same => $"{string.Join(" and ", same)} have the same number"))
            .ToList();
        return faults.Count == 0 ? [.. names.Select(name => Read(assembly, name))] : throw new StartupException(faults);
    }

    private static Migration Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return new Migration(name, reader.ReadToEnd().ReplaceLineEndings("\n"));
    }

    [GeneratedRegex(@"^\d{3}_[a-z0-9_]+\.sql$")]
    private static partial Regex Pattern();
}
