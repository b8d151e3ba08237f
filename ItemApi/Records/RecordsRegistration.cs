using System.Globalization;

namespace Sluice.ItemApi.Records;

public static class RecordsRegistration
{
    public static void AddRecords(this IHostApplicationBuilder builder)
    {
        builder.AddOptionsFrom<RecordsOptions>(RecordsOptions.Section, static (options, faults) =>
        {
            faults.Require(options.From <= options.To, nameof(options.To), string.Create(
                CultureInfo.InvariantCulture, $"must not be before From, which is {options.From:yyyy-MM-dd}, is {options.To:yyyy-MM-dd}"));
            faults.Require(options.PerDay is >= 0 and <= RecordsOptions.MostPerDay, nameof(options.PerDay),
                $"must be 0 to {RecordsOptions.MostPerDay:N0}, is {options.PerDay}");
        });
        builder.Services.AddSingleton<RecordRecipe>();
    }
}
