using Sluice.Testing;

[assembly: AssemblyFixture(typeof(Servers))]

// Two services on one broker: messages of one test would reach the workers of another.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
