namespace Sluice.ItemApi.Sales;

/// <summary>What the intake knows of a SKU.</summary>
/// <param name="Sale">The sale that is open, else the next, else the last; null where the SKU is sold without one.</param>
internal sealed record SkuFacts(string Sku, long Stock, long Version, decimal Price, SaleWindow? Sale);

/// <summary>From <paramref name="StartsAt"/> on, until before <paramref name="EndsAt"/> where there is an end.</summary>
internal sealed record SaleWindow(Guid Id, DateTimeOffset StartsAt, DateTimeOffset? EndsAt);
