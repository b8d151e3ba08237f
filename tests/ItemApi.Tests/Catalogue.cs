using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
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

    private Catalogue(string connectionString, params (string Key, string Value)[] settings)
    {
        database = NpgsqlDataSource.Create(connectionString);
        factory = new WebApplicationFactory<CatalogOptions>().WithWebHostBuilder(host =>
        {
            host.UseSetting("ConnectionStrings:inventory", connectionString);
            foreach (var (key, value) in settings)
                host.UseSetting(key, value);
        });
    }

    public HttpClient Client { get; private set; } = null!;

    /// <summary>In a database of its own.</summary>
    public static async Task<Catalogue> StartAsync(PostgresFixture postgres, int items, CancellationToken cancellationToken) =>
        await StartAsync(await postgres.Server.CreateDatabaseAsync(cancellationToken: cancellationToken), items, cancellationToken);

    public static async Task<Catalogue> StartAsync(
        string connectionString, int items, CancellationToken cancellationToken, params (string Key, string Value)[] settings)
    {
        var catalogue = new Catalogue(connectionString, [("Catalog:Items", $"{items}"), ("Logging:LogLevel:Default", "Warning"), .. settings]);
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
