using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Runs an AppHost within a test: all ports are free ones, nothing is written to the console, and there is no dashboard unless it is asked for.</summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>An AppHost that the test itself describes.</summary>
    public static IDistributedApplicationTestingBuilder Create(params string[] args) =>
        new TestingBuilder(new DistributedApplicationBuilder(AppHostSettings.ForTest(null, args, null, null)), null);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>The AppHost of a project: <c>Projects.AppHost</c>.</summary>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), args, cancellationToken);

    /// <param name="args">The AppHost's command line.</param>
    /// <param name="configureBuilder">May ask for the dashboard.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <typeparam name="TEntryPoint">Any type of the AppHost's assembly.</typeparam>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, [], cancellationToken);

    /// <param name="entryPoint">Any type of the AppHost's assembly.</param>
    /// <param name="args">The AppHost's command line.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, string[] args, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, args, static (_, _) => { }, cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(string[], Action{DistributedApplicationOptions, HostApplicationBuilderSettings}, CancellationToken)"/>
    /// <param name="entryPoint">Any type of the AppHost's assembly.</param>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder, CancellationToken cancellationToken = default)
    {
        var interception = new EntryPointInterception(entryPoint.Assembly, args, configureBuilder);
        return new TestingBuilder(await interception.RunToBuildAsync(cancellationToken), interception);
    }
}
