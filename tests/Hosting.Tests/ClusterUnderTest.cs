using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Testing;

namespace Sluice.Hosting.Tests;

/// <summary>A system that a test describes, started.</summary>
internal sealed class ClusterUnderTest(DistributedApplication app) : IAsyncDisposable
{
    public DistributedApplication App { get; } = app;

    public ResourceNotificationService States => App.ResourceNotifications;

    public static async Task<ClusterUnderTest> StartAsync(Action<IDistributedApplicationBuilder> describe, params string[] args)
    {
        await using var builder = DistributedApplicationTestingBuilder.Create(args);
        describe(builder);
        return await StartAsync(builder);
    }

    public static async Task<ClusterUnderTest> StartAsync(IDistributedApplicationTestingBuilder builder)
    {
        var app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        var cluster = new ClusterUnderTest(app);
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task<ResourceEvent> HealthyAsync(string resource) =>
        States.WaitForResourceHealthyAsync(resource, TestContext.Current.CancellationToken).Within();

    public Task<ResourceEvent> ReachesAsync(string resource, string state) =>
        States.WaitForResourceAsync(resource, update => update.Snapshot.State?.Text == state, TestContext.Current.CancellationToken).Within();

    public CustomResourceSnapshot Now(string resourceId) =>
        States.TryGetCurrentState(resourceId, out var known) ? known.Snapshot : throw new InvalidOperationException($"Nothing is known of {resourceId}.");

    /// <summary>Waits for a line that a replica writes.</summary>
    public async Task<string> SaysAsync(string resourceId, string text)
    {
        var logs = App.Services.GetRequiredService<ResourceLoggerService>();
        using var deadline = new CancellationTokenSource(Deadline.Default);
        await foreach (var lines in logs.WatchAsync(resourceId).WithCancellation(deadline.Token))
        {
            if (lines.FirstOrDefault(line => line.Content.Contains(text, StringComparison.Ordinal)) is { Content: { } found })
                return found;
        }
        throw new InvalidOperationException("The log ended.");
    }

    public static int PidOf(CustomResourceSnapshot snapshot) => (int)snapshot.Properties.Single(property => property.Name == "executable.pid").Value!;

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
