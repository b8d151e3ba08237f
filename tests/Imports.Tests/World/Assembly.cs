using Sluice.ImportTests;
using Sluice.ImportTests.World;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(Servers))]

// More than a small machine has cores: tests mostly wait, for servers and for each other's.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
[assembly: TestCollectionOrderer(typeof(RunOrder))]

namespace Sluice.ImportTests.World
{
    public sealed class RunOrder() : LongestFirst(nameof(BackfillRecoveryTests), nameof(RecoveryTests), nameof(ControlTests), nameof(FairnessTests));
}
