using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

/// <summary>A small catalogue for tests that only read.</summary>
public sealed class Stock(PostgresFixture postgres) : IAsyncLifetime
{
    internal const int Items = 4;

    internal Catalogue Catalogue { get; private set; } = null!;

    internal static async Task<Catalogue> WithAsync(PostgresFixture postgres, string rows, CancellationToken cancellationToken)
    {
        var catalogue = await Catalogue.StartAsync(postgres, 0, cancellationToken);
        await catalogue.RunAsync($"insert into items (id, name, description, price) values {rows}", cancellationToken);
        return catalogue;
    }

    public async ValueTask InitializeAsync() => Catalogue = await WithAsync(
        postgres,
        """
        (1, 'Copper Kettle', 'Five-year warranty.', 1), (2, 'Enamelled Kettles', 'Easy to clean.', 1),
        (3, 'Trekking Poles', 'Without a warranty.', 1), (4, 'Pour-Over Set', 'Größe 42', 1)
        """,
        Deadline.Token());

    public ValueTask DisposeAsync() => Catalogue?.DisposeAsync() ?? ValueTask.CompletedTask;
}
