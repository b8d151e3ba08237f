using Microsoft.Extensions.Options;
using Sluice.ItemApi.Orders;

namespace Sluice.ItemApi.Sales;

/// <summary>Puts the default SKU into a new inventory.</summary>
internal sealed class DefaultSku(InventoryStore store, IOptions<OrderOptions> options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) =>
        store.AddAsync(options.Value.DefaultSku, options.Value.DefaultStock, options.Value.DefaultPrice, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
