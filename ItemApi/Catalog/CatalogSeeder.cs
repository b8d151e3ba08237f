using System.Diagnostics;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Sluice.ItemApi.Catalog;

/// <summary>
/// Brings the catalogue to the configured size before the first request is served. Everything happens in one transaction under an
/// advisory lock: of replicas that start together one works and the others find nothing left to do.
/// </summary>
public sealed partial class CatalogSeeder(NpgsqlDataSource database, IOptions<CatalogOptions> options, ILogger<CatalogSeeder> logger)
    : IHostedService
{
    private sealed record Seeded(string? Recipe, long UpTo);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var recipe = new ItemRecipe(options.Value.Seed);
        var wanted = options.Value.Items;
        var started = Stopwatch.GetTimestamp();

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RunAsync("select pg_advisory_xact_lock(hashtext('sluice.catalogue'))");
        var seeded = await connection.QuerySingleAsync<Seeded>(new CommandDefinition(
            "select recipe, seeded_up_to as UpTo from catalogue", transaction: transaction, cancellationToken: cancellationToken));
        if (seeded == new Seeded(recipe.Name, wanted))
            return;

        var kept = seeded.Recipe == recipe.Name ? Math.Min(seeded.UpTo, wanted) : 0;
        await RunAsync(seeded.Recipe == recipe.Name
            ? "delete from items where id > @kept and id <= greatest(@upTo, @wanted)"
            : "delete from items", new { kept, upTo = seeded.UpTo, wanted });
        await CopyAsync(connection, recipe, kept, wanted, cancellationToken);
        await RunAsync("update catalogue set recipe = @recipe, seeded_up_to = @wanted", new { recipe = recipe.Name, wanted });
        await transaction.CommitAsync(cancellationToken);

        // The index keeps the last rows of a copy in a list, which every search would read through until autovacuum comes by.
        await connection.ExecuteAsync(new CommandDefinition(
            "analyze items; select gin_clean_pending_list('items_search')", commandTimeout: 0, cancellationToken: cancellationToken));
        LogSeeded(wanted, recipe.Name, kept, Stopwatch.GetElapsedTime(started).TotalSeconds);

        Task<int> RunAsync(string sql, object? parameters = null) => connection.ExecuteAsync(
            new CommandDefinition(sql, parameters, transaction, commandTimeout: 0, cancellationToken: cancellationToken));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task CopyAsync(NpgsqlConnection connection, ItemRecipe recipe, long kept, long wanted, CancellationToken cancellationToken)
    {
        if (kept >= wanted)
            return;

        await using var copy = await connection.BeginBinaryImportAsync(
            "copy items (id, name, description, price) from stdin (format binary)", cancellationToken);
        copy.Timeout = Timeout.InfiniteTimeSpan;
        for (var id = kept + 1; id <= wanted; id++)
        {
            var item = recipe.Make(id);
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(item.Id, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(item.Name, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(item.Description, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(item.Price, NpgsqlDbType.Numeric, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Information, "Catalogue of {Items} items ({Recipe}) is ready: {Kept} were there, seeding took {Seconds:0.00} s")]
    private partial void LogSeeded(int items, string recipe, long kept, double seconds);
}
