using System.Globalization;
using System.Text.Json;
using Sluice.Sources.Options;

namespace Sluice.Sources.Reading;

/// <summary>An item as the list names it.</summary>
public sealed record ListedItem(string ExternalId, string? Name);

/// <summary>A page of a list. <paramref name="NextCursor"/> finds the next one, null: this was the last.</summary>
/// <param name="TotalPages">How many there are, where the list says so.</param>
public sealed record ListPage(IReadOnlyList<ListedItem> Items, string? NextCursor, int? TotalPages = null);

/// <summary>What a page lists, as it came.</summary>
internal sealed record RawPage(IReadOnlyList<JsonElement> Elements, string? NextCursor, int? TotalPages);

/// <summary>Reads one page of a source's list. A cursor is the page's number, offset, token or address, by the source's style.</summary>
public sealed class PageReader
{
    private readonly SourceClient client;

    internal PageReader(SourceClient client) => this.client = client;

    public static string FirstCursor(Source source) => source.Options.List switch
    {
        { Style: PaginationStyle.Page, FirstPage: var page } => Number(page),
        { Style: PaginationStyle.Offset } => "0",
        _ => "",
    };

    /// <exception cref="SourceException">No page that can be used.</exception>
    public async Task<ListPage> ReadAsync(Source source, Guid importId, string cursor, CancellationToken cancellationToken)
    {
        var list = source.Options.List;
        var page = await ReadAsync(source, importId, null, cursor, cancellationToken);
        ListedItem[] items = [.. page.Elements.Select(item =>
            new ListedItem(item.Id(list.Id), list.Name.Length == 0 ? null : item.Text(list.Name, required: false)))];
        return new ListPage(items, page.NextCursor, page.TotalPages);
    }

    /// <param name="date">The day, where there is a list for each.</param>
    /// <exception cref="SourceException">No page that can be used.</exception>
    internal async Task<RawPage> ReadAsync(Source source, Guid importId, DateOnly? date, string cursor, CancellationToken cancellationToken)
    {
        var list = source.Options.List;
        var document = await client.GetAsync(source, importId, AddressOf(list, date, cursor), cancellationToken);
        JsonElement[] elements = [.. document.Body.Array(list.Items).EnumerateArray()];
        return new RawPage(elements, NextCursor(source, document, cursor, elements.Length), TotalPages(list, document));
    }

    private static string AddressOf(ListOptions list, DateOnly? date, string cursor) => list.Style == PaginationStyle.Link && cursor.Length > 0
        ? cursor
        : PathTemplate.Fill(list.Path, name => name switch
        {
            "size" => Number(list.PageSize),
            "date" => date?.ToString(list.DateFormat, CultureInfo.InvariantCulture),
            "page" or "offset" or "cursor" when cursor.Length > 0 => cursor,
            _ => null,
        });

    private static string? NextCursor(Source source, SourceDocument document, string cursor, int listed)
    {
        var list = source.Options.List;
        switch (list.Style)
        {
            case PaginationStyle.Page:
                var page = int.Parse(cursor, CultureInfo.InvariantCulture);
                var isLast = TotalPages(list, document) is { } total ? page - list.FirstPage + 1 >= total : listed == 0;
                return isLast ? null : Number(page + 1);
            case PaginationStyle.Offset:
                return listed == 0 ? null : Number(long.Parse(cursor, CultureInfo.InvariantCulture) + listed);
            case PaginationStyle.Cursor:
                return document.Body.Text(list.NextCursor, required: false) is { Length: > 0 } next ? next : null;
            default:
                return LinkHeader.Next(document.Links) is not { } link ? null
                    : Uri.TryCreate(document.Address, link, out var address) ? SourceClient.Resolve(source, address.AbsoluteUri).AbsoluteUri
                    : throw JsonFields.Misfit($"the Link header's next '{link}' is no address");
        }
    }

    private static int? TotalPages(ListOptions list, SourceDocument document) =>
        list.TotalPages.Length > 0 && document.Body.Find(list.TotalPages) is not null
            ? (int)Math.Clamp(document.Body.Decimal(list.TotalPages), 0, int.MaxValue)
            : null;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
