using FsCheck;
using FsCheck.Fluent;

namespace Sluice.RateLimiting.Tests.Support;

/// <summary>Runs FsCheck for properties that await.</summary>
internal static class Properties
{
    // A thread of its own: FsCheck blocks it.
    public static Task HoldAsync<T>(Arbitrary<T> values, int tests, Func<T, Task> property) => Task.Factory.StartNew(
        () => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(tests),
            Prop.ForAll(values, value => property(value).WaitAsync(Sluice.Testing.Deadline.Default).GetAwaiter().GetResult())),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
