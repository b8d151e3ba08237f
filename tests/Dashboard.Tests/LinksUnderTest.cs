using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sluice.Dashboard.SignIn;
using Sluice.Testing;

namespace Sluice.Dashboard.Tests;

/// <summary>Links without a dashboard, with a clock and a folder of their own.</summary>
internal sealed class LinksUnderTest : IDisposable
{
    private readonly IOptions<DashboardOptions> options = Options.Create(new DashboardOptions
    {
        Folder = Directory.CreateTempSubdirectory("dashboard-test-").FullName,
        LoginToken = DashboardUnderTest.Token,
    });

    public LinksUnderTest() => Links = new LoginLinks(new UsedLinks(options), options, Time);

    public FakeTimeProvider Time { get; } = new();

    public LoginLinks Links { get; }

    public TimeSpan Lifetime => options.Value.LinkLifetime;

    public IHostedService CreateFirstLink() =>
        new FirstLink(Links, options, new ConfigurationBuilder().Build(), NullLogger<FirstLink>.Instance);

    public void Dispose() => Directory.Delete(options.Value.Folder, recursive: true);
}
