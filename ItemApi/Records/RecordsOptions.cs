namespace Sluice.ItemApi.Records;

/// <summary>Configuration section <c>Records</c>: the daily records that are made up.</summary>
public sealed class RecordsOptions
{
    public const string Section = "Records";
    public const int MostPerDay = 100_000;

    /// <summary>The first day that has records.</summary>
    public DateOnly From { get; set; } = new(2025, 1, 1);

    /// <summary>The last day that has records.</summary>
    public DateOnly To { get; set; } = new(2025, 12, 31);

    /// <summary>Records of a day on average, 0 to 100,000: a day has four to six fifths of that.</summary>
    public int PerDay { get; set; } = 250;

    /// <summary>The same seed gives the same records.</summary>
    public int Seed { get; set; } = 1;
}
