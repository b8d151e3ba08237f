using Xunit.Sdk;
using Xunit.v3;

namespace Sluice.Testing;

/// <summary>Collections of tests that take long begin first, so that none is left alone at the end.</summary>
/// <param name="longest">Names of their classes, or collections.</param>
public abstract class LongestFirst(params string[] longest) : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => longest.Any(name => collection.TestCollectionDisplayName.Contains($".{name}", StringComparison.Ordinal)))];
}
