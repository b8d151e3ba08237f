using System.Security.Cryptography;
using System.Text.Json;
using Sluice.Sources.Options;

namespace Sluice.Sources.Reading;

/// <summary>A record of a day: all that the source sent, as JSON, and the key by which it is known again on that day.</summary>
public sealed record DayRecord(string Key, string Payload);

/// <summary>A page of a day's records, each key once. <paramref name="NextCursor"/> finds the next one, null: this was the last.</summary>
public sealed record DayPage(IReadOnlyList<DayRecord> Records, string? NextCursor);

/// <summary>Reads one page of a day, in any of the styles in which lists are paged.</summary>
public sealed class DayReader
{
    private readonly PageReader pages;

    internal DayReader(PageReader pages) => this.pages = pages;

    /// <exception cref="SourceException">No page that can be used.</exception>
    public async Task<DayPage> ReadAsync(Source source, Guid backfillId, DateOnly date, string cursor, CancellationToken cancellationToken)
    {
        var page = await pages.ReadAsync(source, backfillId, date, cursor, cancellationToken);
        var id = source.Options.List.Id;

        // Where a page names an id twice, the later one holds.
        var records = new Dictionary<string, DayRecord>(StringComparer.Ordinal);
        foreach (var element in page.Elements)
        {
            var key = id.Length > 0 ? element.Id(id) : HashOf(element);
            records[key] = new DayRecord(key, element.GetRawText());
        }

        return new DayPage([.. records.Values], page.NextCursor);
    }

    private static string HashOf(JsonElement record)
    {
        try
        {
            return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(record)));
        }
        catch (InvalidOperationException exception)
        {
            throw new SourceException(SourceFault.Permanent, "a record is not Unicode text", exception);
        }
    }
}
