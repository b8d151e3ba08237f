using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs an AppHost's own entry point up to <c>Build()</c> for a test: the entry point gets a test's settings, waits there until the test has had
/// its say, and its <c>Run()</c> then only waits until the test is done.
/// </summary>
internal sealed class EntryPointInterception(Assembly assembly, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings>? configure)
{
    private static readonly AsyncLocal<EntryPointInterception?> current = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> reachedBuild = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource mayBuild = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set within the entry point and what it calls.</summary>
    public static EntryPointInterception? Current => current.Value;

    /// <summary>Completes when the test is done with the application.</summary>
    public Task Ended => ended.Task;

    /// <summary>Starts the entry point and returns when it is about to build.</summary>
    public async Task<DistributedApplicationBuilder> RunToBuildAsync(CancellationToken cancellationToken)
    {
        // A thread of its own: a synchronous entry point blocks it for as long as the application lives.
        new Thread(RunEntryPoint) { IsBackground = true, Name = "AppHost entry point" }.Start();
        return await reachedBuild.Task.WaitAsync(cancellationToken);
    }

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        mayBuild.TrySetResult();
        return application.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Called by the entry point's <c>CreateBuilder</c>.</summary>
    public DistributedApplicationBuilder CreateBuilder(string[] given) => new(AppHostSettings.ForTest(assembly, given, this, configure));

    /// <summary>Called by the entry point's <c>Build</c>: hands the builder to the test and waits.</summary>
    public void AwaitBuild(DistributedApplicationBuilder builder)
    {
        reachedBuild.TrySetResult(builder);
        mayBuild.Task.GetAwaiter().GetResult();
        if (ended.Task.IsCompleted)
            throw new OperationCanceledException("The test was done before it built the application.");
    }

    public void Built(DistributedApplication built) => application.TrySetResult(built);

    public void End()
    {
        ended.TrySetResult();
        mayBuild.TrySetResult();
    }

    private void RunEntryPoint()
    {
        current.Value = this;
        try
        {
            var main = assembly.EntryPoint ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no entry point.");
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [args], null);
            Fail(new InvalidOperationException($"The entry point of {assembly.GetName().Name} ended without building an application."));
        }
        catch (Exception e)
        {
            // The test sees it: thrown from CreateAsync or BuildAsync.
            Fail(e);
        }
    }

    private void Fail(Exception e)
    {
        reachedBuild.TrySetException(e);
        application.TrySetException(e);
    }
}
