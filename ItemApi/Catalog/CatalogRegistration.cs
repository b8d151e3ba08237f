namespace Sluice.ItemApi.Catalog;

public static class CatalogRegistration
{
    public static void AddCatalog(this IHostApplicationBuilder builder)
    {
        builder.AddOptionsFrom<CatalogOptions>(CatalogOptions.Section, static (options, faults) => faults.Require(
            options.Items is >= 0 and <= CatalogOptions.MostItems,
            nameof(options.Items),
            $"must be 0 to {CatalogOptions.MostItems:N0}, is {options.Items}"));
        builder.Services.AddHostedService<CatalogSeeder>();
    }
}
