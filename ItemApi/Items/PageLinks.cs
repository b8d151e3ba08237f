using System.Globalization;
using System.Text;

namespace Sluice.ItemApi.Items;

/// <summary>
/// The <c>Link</c> header (RFC 8288) of a page: first, prev, next and last as far as they exist. References are relative, so they hold
/// whatever name and port the caller came through.
/// </summary>
public static class PageLinks
{
    public static long PagesOf(long total, int take) => (total + take - 1) / take;

    /// <param name="start">A reference to the list, up to where the parameters of a page follow: <c>/api/items?</c>.</param>
    public static string Of(string start, ItemQuery query, long total, string? nextCursor = null) => query switch
    {
        ItemQuery.ByPage page => OfPage(new Links(start), page, PagesOf(total, page.Take)),
        ItemQuery.ByOffset offset => OfOffset(new Links(start), offset, total),
        _ => new Links(start)
            .Add("first", $"limit={query.Take}")
            .Add("next", nextCursor is null ? null : $"cursor={nextCursor}&limit={query.Take}")
            .ToString(),
    };

    private static string OfPage(Links links, ItemQuery.ByPage page, long pages)
    {
        return links
            .Add("first", At(1))
            .Add("prev", page.Number > 1 ? At(Math.Clamp(page.Number - 1, 1, Math.Max(pages, 1))) : null)
            .Add("next", page.Number < pages ? At(page.Number + 1) : null)
            .Add("last", At(Math.Max(pages, 1)))
            .ToString();

        string At(long number) => string.Create(CultureInfo.InvariantCulture, $"page={number}&perPage={page.Take}");
    }

    private static string OfOffset(Links links, ItemQuery.ByOffset query, long total)
    {
        var last = Math.Max(total - 1, 0) / query.Take * query.Take;
        return links
            .Add("first", At(0))
            .Add("prev", query.Offset > 0 ? At(Math.Clamp(query.Offset - query.Take, 0, last)) : null)
            .Add("next", query.Offset + query.Take < total ? At(query.Offset + query.Take) : null)
            .Add("last", At(last))
            .ToString();

        string At(long offset) => string.Create(CultureInfo.InvariantCulture, $"offset={offset}&limit={query.Take}");
    }

    private sealed class Links(string start)
    {
        private readonly StringBuilder text = new();

        public Links Add(string relation, string? query)
        {
            if (query is null)
                return this;
            if (text.Length > 0)
                text.Append(", ");
            text.Append('<').Append(start).Append(query).Append(">; rel=\"").Append(relation).Append('"');
            return this;
        }

        public override string ToString() => text.ToString();
    }
}
