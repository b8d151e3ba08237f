using Aspire.Hosting.Testing;
using Sluice.Testing;

namespace Sluice.Hosting.Tests.Running;

public sealed class EntryPointTests
{
    [Fact]
    public async Task A_test_may_change_the_model_before_it_is_built()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleHost>(["--Color=red"], TestContext.Current.CancellationToken);

        Assert.Equal("red", builder.Configuration["Color"]);
        Assert.Equal("Development", builder.Environment.EnvironmentName);
        Assert.Equal(Projects.SampleHost.ProjectPath, builder.AppHostDirectory);
        Assert.Contains(builder.Resources, resource => resource.Name == "front");
    }

    [Fact]
    public async Task An_assembly_that_builds_no_application_is_named()
    {
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            DistributedApplicationTestingBuilder.CreateAsync(typeof(Deadline), TestContext.Current.CancellationToken));
        Assert.Contains("Testing has no entry point", e.Message, StringComparison.Ordinal);
    }
}
