using Sluice.Testing;

[assembly: AssemblyFixture(typeof(Servers))]

// All systems share one queue: messages of one test would reach the workers of another.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
