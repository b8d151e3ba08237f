using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Sluice.RateLimiting;
using Sluice.Sources.Records;
using Sluice.Sources.Options;
using Sluice.Sources.Reading;

namespace Sluice.Sources;

public static class SourcesServices
{
    /// <summary>What each process of the imports needs beside the connections to the other servers.</summary>
    private const int LargestPool = 20;

    /// <summary>
    /// The sources of <c>sources.json</c> and of the configuration, which has the last word, their rate-limited clients, and the stores
    /// <c>imports</c> (PostgreSQL) and <c>redis</c>.
    /// </summary>
    public static void AddSources(this IHostApplicationBuilder builder)
    {
        AddFile(builder, $"sources.{builder.Environment.EnvironmentName}.json", optional: true);
        AddFile(builder, "sources.json", optional: false);
        builder.AddOptionsFrom<SourcesOptions>("Sources", SourcesCheck.Check);
        builder.AddOptionsFrom<ImportOptions>(ImportOptions.Section, ImportOptions.Check);
        builder.AddRedisStore("redis");
        builder.AddPostgresStore("imports", source =>
            source.ConnectionStringBuilder.MaxPoolSize = Math.Min(LargestPool, source.ConnectionStringBuilder.MaxPoolSize));

        var services = builder.Services;
        services.AddSingleton<SourceCatalog>();
        services.AddSingleton<SourceTurns>();
        services.AddSingleton<SourceClient>();
        services.AddSingleton(provider => new PageReader(provider.GetRequiredService<SourceClient>()));
        services.AddSingleton(provider => new DayReader(provider.GetRequiredService<PageReader>()));
        services.AddSingleton(provider => new DetailReader(provider.GetRequiredService<SourceClient>()));
        services.AddSingleton<ImportEnd>();
        services.AddSingleton<ImportPause>();
        services.AddSingleton<PausedWork>();
        services.AddSingleton<WaitRecorder>();
        services.AddHostedService(provider => provider.GetRequiredService<WaitRecorder>());
        services.AddSingleton<ILedgerJournal, PostgresLedgerJournal>();
        services.AddSingleton<IOutboundObserver>(provider => provider.GetRequiredService<WaitRecorder>());
        services.AddPermitLedger();
        services.AddSourceClients(builder.Configuration.GetSection("Sources"));
    }

    // In front of all others: every other provider overrules it.
    private static void AddFile(IHostApplicationBuilder builder, string name, bool optional) =>
        builder.Configuration.Sources.Insert(0, new JsonConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(AppContext.BaseDirectory),
            Path = name,
            Optional = optional,
        });
}
