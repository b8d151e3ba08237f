using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sluice.ItemApi.Catalog;
using Sluice.Testing;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Sluice.ItemApi.Tests;

/// <summary>An ItemApi on a database.</summary>
internal sealed class Catalogue : IAsyncDisposable
{
    private readonly WebApplicationFactory<CatalogOptions> factory;
    private readonly NpgsqlDataSource database;

    private Catalogue(string connectionString, ILoggerProvider? log, params (string Key, string Value)[] settings)
    {
        database = NpgsqlDataSource.Create(connectionString);
        factory = new WebApplicationFactory<CatalogOptions>().WithWebHostBuilder(host =>
        {
            host.UseUrls("http://127.0.0.1:0");
            host.UseSetting("ConnectionStrings:inventory", connectionString);

            // Nobody listens there: the catalogue does without.
            host.UseSetting("ConnectionStrings:redis", "127.0.0.1:9,connectTimeout=100");
            host.UseSetting("ConnectionStrings:rabbitmq", "amqp://127.0.0.1:9");
            foreach (var (key, value) in settings)
                host.UseSetting(key, value);
            if (log is not null)
                host.ConfigureServices(services => services.AddSingleton(log));
        });
    }

    public HttpClient Client { get; private set; } = null!;

    /// <summary>In a database of its own.</summary>
    public static async Task<Catalogue> StartAsync(PostgresFixture postgres, int items, CancellationToken cancellationToken) =>
        await StartAsync(await postgres.Server.CreateDatabaseAsync(cancellationToken: cancellationToken), items, cancellationToken);

    public static Task<Catalogue> StartAsync(
        string connectionString, int items, CancellationToken cancellationToken, params (string Key, string Value)[] settings) =>
        StartAsync(new Catalogue(connectionString, null, [("Catalog:Items", $"{items}"), .. Quietly, .. settings]), cancellationToken);

    /// <summary>Behind the real web server, on a port of its own, without items, in a database of its own.</summary>
    public static async Task<Catalogue> ListenAsync(
        PostgresFixture postgres, CancellationToken cancellationToken, ILoggerProvider? log = null, params (string Key, string Value)[] settings)
    {
        var connectionString = await postgres.Server.CreateDatabaseAsync(cancellationToken: cancellationToken);
        var catalogue = new Catalogue(connectionString, log, [("Catalog:Items", "0"), .. Quietly, .. settings]);
        catalogue.factory.UseKestrel();
        return await StartAsync(catalogue, cancellationToken);
    }

    private static (string Key, string Value)[] Quietly => [("Logging:LogLevel:Default", "Warning"), ("Logging:LogLevel:Sluice.ItemApi.Orders", "None")];

    private static async Task<Catalogue> StartAsync(Catalogue catalogue, CancellationToken cancellationToken)
    {
        try
        {
            // The factory starts its host synchronously.
            catalogue.Client = await Task.Run(() => catalogue.factory.CreateClient(), cancellationToken);
            return catalogue;
        }
        catch
        {
            await catalogue.DisposeAsync();
            throw;
        }
    }

    /// <summary>The references of an answer's Link header by their relation.</summary>
    public async Task<Dictionary<string, string>> LinksAsync(string address, CancellationToken cancellationToken)
    {
        using var answer = await Client.GetAsync(address, cancellationToken);
        return string.Join(',', answer.Headers.GetValues("Link")).Split(", ").Select(link => link.Split("; "))
            .ToDictionary(parts => parts[1]["rel=\"".Length..^1], parts => parts[0].Trim('<', '>'));
    }

    public async Task RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<T> ReadAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>A fingerprint of every row.</summary>
    public Task<string> FingerprintAsync(CancellationToken cancellationToken) =>
        ReadAsync<string>("select coalesce(md5(string_agg(i::text, '|' order by id)), 'empty') from items i", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await factory.DisposeAsync();
        await database.DisposeAsync();
    }
}
