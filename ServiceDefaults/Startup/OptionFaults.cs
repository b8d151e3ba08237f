namespace Sluice.ServiceDefaults.Startup;

/// <summary>Collects what is wrong with an options object, by configuration path.</summary>
public sealed class OptionFaults(string section)
{
    private readonly List<string> faults = [];

    public IReadOnlyList<string> All => faults;

    /// <param name="path">Path within the section, <c>Tiers:0:Permits</c>.</param>
    /// <param name="rule">What the value must be, as the end of a sentence: <c>must be at least 1, is 0</c>.</param>
    public void Add(string path, string rule) => faults.Add($"{section}:{path} {rule}");

    public void Require(bool met, string path, string rule)
    {
        if (!met)
            Add(path, rule);
    }
}
