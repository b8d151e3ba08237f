using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;

namespace Sluice.Hosting.Tests.Running;

public sealed class PortTests
{
    [Fact]
    public async Task Names_the_resource_that_wants_a_taken_port_its_owner_and_the_setting_that_changes_it()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using var cluster = await ClusterUnderTest.StartAsync(builder =>
        {
            var gateway = builder.AddExecutable("gateway", "sh", "/").WithHttpEndpoint(targetPort: port);
            builder.AddExecutable("last", "sh", "/").WaitFor(gateway);
        }, $"--Gateway:Port={port}");

        var last = await cluster.ReachesAsync("last", KnownResourceStates.FailedToStart);

        Assert.Equal(KnownResourceStates.FailedToStart, cluster.Now("gateway").State?.Text);
        Assert.Contains($"port {port}, which resource 'gateway' wants, is taken by ", cluster.Now("gateway").Reason, StringComparison.Ordinal);
        Assert.Contains($"(pid {Environment.ProcessId}); choose another with --Gateway:Port={port + 1}", cluster.Now("gateway").Reason, StringComparison.Ordinal);
        Assert.Contains("it waits for 'gateway'", last.Snapshot.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void No_port_is_given_twice()
    {
        var ports = Enumerable.Range(0, 200).AsParallel().Select(_ => FreePorts.Next()).ToList();
        Assert.Equal(ports.Count, ports.Distinct().Count());
    }

    [Fact]
    public async Task A_program_is_told_its_port()
    {
        await using var cluster = await ClusterUnderTest.StartAsync(builder =>
        {
            var service = builder.AddExecutable("service", "sh", "/", "-c", "echo port $PORT; sleep 1000").WithHttpEndpoint(env: "PORT");
            builder.AddExecutable("caller", "sh", "/", "-c", "echo calls $SERVICE_URL at $SERVICE_PORT; sleep 1000")
                .WithEnvironment("SERVICE_URL", service.GetEndpoint("http"))
                .WithEnvironment("SERVICE_PORT", $"{service.GetEndpoint("http").Property(EndpointProperty.Port)}");
        });

        var port = (await cluster.SaysAsync("service", "port ")).Split(' ')[1];
        Assert.Equal($"calls http://localhost:{port} at {port}", await cluster.SaysAsync("caller", "calls "));
    }
}
