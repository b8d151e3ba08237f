using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Sluice.Hosting.Tests.Console;

public sealed class StartTableTests
{
    private static readonly CustomResourceSnapshot running = new() { ResourceType = "Project", Properties = [], State = KnownResourceStates.Running };

    [Fact]
    public void Shows_state_and_address_and_what_people_outside_use()
    {
        var gateway = running with { Urls = [new UrlSnapshot("http", "http://localhost:8080", IsInternal: false) { DisplayProperties = new("curl it") }] };
        var worker = running with { Urls = [new UrlSnapshot("http", "http://localhost:15001", IsInternal: true)] };

        Assert.Equal(
            [
                "",
                "  resource  state    URL",
                "  gateway   Healthy  http://localhost:8080",
                "  worker-0  Healthy  http://localhost:15001",
                "",
                "All resources are up after 12.3 s. Ctrl-C stops them.",
                "",
                "gateway: http://localhost:8080",
                "  curl it",
            ],
            StartTable.Format([("gateway", gateway), ("worker-0", worker)], TimeSpan.FromSeconds(12.34)));
    }

    [Fact]
    public void Says_why_what_failed_has_failed()
    {
        UrlSnapshot unused = new("http", "http://localhost:8080", IsInternal: false) { DisplayProperties = new("curl it") };
        var gateway = running with { Urls = [unused], State = KnownResourceStates.FailedToStart, Reason = $"it ended with exit code 3 before it was healthy:{Environment.NewLine}the last lines" };
        var seed = running with { State = KnownResourceStates.Exited, ExitCode = 0 };

        Assert.Equal(
            [
                "",
                "  resource  state          URL",
                "  gateway   FailedToStart  http://localhost:8080",
                "  seed      Exited",
                "",
                "gateway: it ended with exit code 3 before it was healthy",
                "",
            ],
            StartTable.Format([("gateway", gateway), ("seed", seed)], TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Colours_names_on_terminals_only()
    {
        Assert.Equal("gateway      | \n", Written(colour: false, "\e[31m\e[0m"));
        Assert.Equal("\e[36mgateway      | \e[0mplain\n", Written(colour: true, "plain"));
    }

    private static string Written(bool colour, string line)
    {
        using var console = new StringWriter { NewLine = "\n" };
        new ConsoleLines(console, colour).Write("gateway", line);
        return console.ToString();
    }
}
