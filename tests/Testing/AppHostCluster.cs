using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.Testing;

/// <summary>The whole system of an AppHost, on free ports, and what people do with it over HTTP.</summary>
/// <param name="appHost">Any type of the AppHost's assembly: a test project references it.</param>
public abstract class AppHostCluster(Type appHost) : IAsyncDisposable
{
    public DistributedApplication App { get; private set; } = null!;

    /// <summary>Calls the gateway with the operator's key.</summary>
    public HttpClient Operator { get; private set; } = null!;

    /// <summary>Starts it and waits until all services, and Aspire's dashboard, are healthy.</summary>
    /// <param name="settings">For all services.</param>
    /// <param name="dashboardToken">The token that signs in to Aspire's dashboard; without it there is none.</param>
    protected async Task StartAsync(
        IEnumerable<(string Name, string Value)> settings, CancellationToken cancellationToken, string? dashboardToken = null)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync(
            appHost, dashboardToken is null ? [] : [$"--AppHost:BrowserToken={dashboardToken}"],
            (options, _) => options.DisableDashboard = dashboardToken is null, cancellationToken);
        var services = builder.Resources.OfType<ProjectResource>().Select(project => project.Name).ToList();
        var all = settings.ToList();
        foreach (var service in services.Select(builder.CreateResourceBuilder<ProjectResource>))
            foreach (var (name, value) in all)
                service.WithEnvironment(name, value);

        App = await builder.BuildAsync(cancellationToken);
        await App.StartAsync(cancellationToken);
        foreach (var name in services)
            await App.ResourceNotifications.WaitForResourceHealthyAsync(name, cancellationToken);
        if (dashboardToken is not null)
            await App.ResourceNotifications.WaitForResourceHealthyAsync("aspire-dashboard", cancellationToken);
        Operator = CreateClient();
        Operator.DefaultRequestHeaders.Add("X-API-Key", "operator");
    }

    public HttpClient CreateClient() => App.CreateHttpClient("gateway", "http");

    /// <summary>Starts an import of the catalogue and returns where it can be read.</summary>
    public async Task<Uri> ImportAsync(CancellationToken cancellationToken)
    {
        using var response = await Operator.PostAsJsonAsync("/imports", new { source = "items", fresh = true }, cancellationToken);
        response.EnsureSuccessStatusCode();
        return response.Headers.Location!;
    }

    /// <summary>Waits until the import at <paramref name="location"/> has come to the state, and returns it.</summary>
    public async Task<JsonElement> UntilAsync(Uri location, Func<JsonElement, bool> state, string what, CancellationToken cancellationToken)
    {
        JsonElement import = default;
        await Deadline.UntilAsync(
            async () => await TryReadAsync(location, cancellationToken) is { } current && state(import = current),
            what, TimeSpan.FromMinutes(4), cancellationToken);
        return import;
    }

    /// <summary>What is at <paramref name="location"/>; null while whoever knows it is away.</summary>
    public async Task<JsonElement?> TryReadAsync(Uri location, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await Operator.GetAsync(location, cancellationToken);
            return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>The last lines that each replica, or server, wrote.</summary>
    public async Task<string> LogsAsync(IEnumerable<string> replicas)
    {
        const int last = 15;
        var logs = App.Services.GetRequiredService<ResourceLoggerService>();
        List<string> lines = [];
        foreach (var replica in replicas)
        {
            await foreach (var kept in logs.GetAllAsync(replica))
                lines.AddRange(kept.TakeLast(last).Select(line => $"{replica}: {line.Content}"));
        }

        return string.Join(Environment.NewLine, lines);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Operator?.Dispose();
        if (App is not null)
            await App.DisposeAsync();
    }

    /// <summary>Settings of limits, from the first on.</summary>
    public static IEnumerable<(string Name, string Value)> Limits(string path, params (int Permits, string Window)[] limits) =>
        limits.Index().SelectMany(limit => ((string, string)[])
        [
            ($"{path}__{limit.Index}__Permits", limit.Item.Permits.ToString(CultureInfo.InvariantCulture)),
            ($"{path}__{limit.Index}__Window", limit.Item.Window),
        ]);
}
