using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Sluice.Hosting.Tests.Model;

public sealed class ModelTests
{
    private readonly IDistributedApplicationTestingBuilder builder = DistributedApplicationTestingBuilder.Create();

    [Theory]
    [InlineData("1redis")]
    [InlineData("redis_one")]
    [InlineData("redis-")]
    [InlineData("re--dis")]
    [InlineData("rédis")]
    [InlineData("")]
    public void Refuses_a_name_that_is_not_letters_digits_and_hyphens(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => builder.AddRedis(name));

    [Fact]
    public void Refuses_a_name_that_is_taken()
    {
        builder.AddRedis("store");
        var e = Assert.Throws<DistributedApplicationException>(() => builder.AddRabbitMQ("Store"));
        Assert.Contains("'Store'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_second_endpoint_of_one_name()
    {
        var program = builder.AddExecutable("program", "sh", ".").WithHttpEndpoint();
        var e = Assert.Throws<DistributedApplicationException>(() => program.WithHttpEndpoint(port: 81));
        Assert.Contains("'http' already exists", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_to_start_what_waits_for_itself_and_names_every_fault()
    {
        var first = builder.AddExecutable("first", "sh", ".");
        var second = builder.AddExecutable("second", "sh", ".").WaitFor(first);
        first.WaitFor(second).WithHttpHealthCheck("/health");

        await using var app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("'first' waits, in the end, for itself", e.Message, StringComparison.Ordinal);
        Assert.Contains("'second' waits, in the end, for itself", e.Message, StringComparison.Ordinal);
        Assert.Contains("'first' has a health check on endpoint 'http', which it does not have", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_to_give_one_port_to_two()
    {
        builder.AddExecutable("first", "sh", ".").WithHttpEndpoint(targetPort: 4711);
        builder.AddExecutable("second", "sh", ".").WithHttpEndpoint(targetPort: 4711);

        await using var app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains("Port 4711 is wanted by both 'first' and 'second'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_expression_keeps_braces_and_fills_its_holes()
    {
        var parameter = builder.AddParameter("key", "s3cret");
        var expression = ReferenceExpression.Create($$"""{"key":"{{parameter}}"} {{"{x}"}}""");

        Assert.Equal("""{"key":"s3cret"} {x}""", await expression.GetValueAsync(TestContext.Current.CancellationToken));
        Assert.Equal("""{"key":"{key.value}"} {x}""", expression.ValueExpression);
    }

    [Fact]
    public void Public_names_lie_in_the_namespaces_of_the_real_packages()
    {
        string[] known = ["Aspire.Hosting", "Aspire.Hosting.ApplicationModel", "Aspire.Hosting.Testing"];
        Assert.All(typeof(IDistributedApplicationBuilder).Assembly.GetExportedTypes(), type => Assert.Contains(type.Namespace, known));
    }
}
