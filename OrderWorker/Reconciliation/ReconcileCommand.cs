using System.Globalization;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Sluice.OrderWorker.Reconciliation;

/// <summary>Proves stock from its rows once and says what it found: <c>dotnet run --project OrderWorker -- reconcile</c>.</summary>
internal static class ReconcileCommand
{
    public const string Name = "reconcile";

    private const string Database = "inventory";

    /// <returns>0 where every SKU adds up, 1 where one doesn't, 2 where it could not be seen.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
        if (configuration.GetConnectionString(Database) is not { Length: > 0 } connectionString)
        {
            await Console.Error.WriteLineAsync($"ConnectionStrings:{Database} is missing: set ConnectionStrings__{Database}, or give --ConnectionStrings:{Database}=...");
            return 2;
        }

        try
        {
            await using var database = NpgsqlDataSource.Create(connectionString);
            return await PrintAsync(new Balance(database));
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static async Task<int> PrintAsync(Balance balance)
    {
        var skus = await balance.ReadAsync(CancellationToken.None);
        Console.WriteLine(Line("SKU", "supplied", "sold", "stock", "difference"));
        foreach (var sku in skus)
            Console.WriteLine(Line(sku.Sku, Text(sku.Supplied), Text(sku.Sold), Text(sku.Stock), Text(sku.Difference)));
        return skus.All(sku => sku.Difference == 0) ? 0 : 1;

        static string Line(string sku, string supplied, string sold, string stock, string difference) =>
            $"{sku,-24} {supplied,12} {sold,12} {stock,12} {difference,12}";

        static string Text(long units) => units.ToString(CultureInfo.InvariantCulture);
    }
}
