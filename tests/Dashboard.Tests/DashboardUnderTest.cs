using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;

namespace Sluice.Dashboard.Tests;

/// <summary>A dashboard on a real port, with a folder of its own and no gateway.</summary>
internal sealed class DashboardUnderTest : IAsyncDisposable
{
    public const string Token = "the-token-of-the-first-link-0123456789";

    private readonly WebApplicationFactory<DashboardOptions> factory;
    private readonly bool ownsFolder;

    private DashboardUnderTest(string folder, bool ownsFolder, string environment)
    {
        (Folder, this.ownsFolder) = (folder, ownsFolder);
        factory = new WebApplicationFactory<DashboardOptions>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment(environment);
            host.ConfigureLogging(static logging => logging.ClearProviders());
            (string Key, string Value)[] all =
                [("urls", "http://127.0.0.1:0"), ("Dashboard:Folder", folder), ("Dashboard:LoginToken", Token), ("services:gateway:http:0", "http://127.0.0.1:9")];
            foreach (var (key, value) in all)
                host.UseSetting(key, value);
        });
    }

    /// <summary>Keeps cookies, follows nothing.</summary>
    public HttpClient Client { get; private set; } = null!;

    public string Folder { get; }

    public string Origin => Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

    /// <param name="folder">Of another one, whose place this one takes; null for a new one.</param>
    /// <param name="environment">Its settings files are read.</param>
    public static async Task<DashboardUnderTest> StartAsync(string? folder = null, string environment = "Development")
    {
        var dashboard = new DashboardUnderTest(folder ?? Directory.CreateTempSubdirectory("dashboard-test-").FullName, ownsFolder: folder is null, environment);
        try
        {
            dashboard.factory.UseKestrel();
            await Task.Run(dashboard.factory.StartServer);
            dashboard.Client = dashboard.NewClient();
            return dashboard;
        }
        catch
        {
            await dashboard.DisposeAsync();
            throw;
        }
    }

    public HttpClient NewClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = factory.ClientOptions.BaseAddress };

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await factory.DisposeAsync();
        if (ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }
}
