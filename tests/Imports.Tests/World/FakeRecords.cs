using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Sluice.ImportTests.World;

/// <summary>A list of records for every day, paged by cursor, and how often each of its pages was asked for.</summary>
internal sealed class FakeRecords
{
    private readonly ConcurrentDictionary<(string Date, int Page), int> pages = new();

    public int PerDay { get; set; } = 25;

    /// <summary>What the record reads like, but for its id. Default: number, date and a text.</summary>
    public Func<string, int, object> Make { get; set; } = static (date, number) => new { id = $"{date}/{number}", number, date, text = $"Record {number}" };

    /// <summary>Runs before a page is answered, with its number and how often it was asked for. True: it has been answered.</summary>
    public Func<HttpContext, string, int, int, Task<bool>>? OnPage { get; set; }

    /// <summary>How often each page was asked for; the first is 1.</summary>
    public IReadOnlyDictionary<(string Date, int Page), int> Pages => pages;

    public async Task AnswerAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var date = query["date"].Single()!;
        var size = int.Parse(query["size"].Single()!, CultureInfo.InvariantCulture);
        var first = int.Parse(query["cursor"].SingleOrDefault()?[1..] ?? "0", CultureInfo.InvariantCulture);
        var page = first / size + 1;
        var arrived = pages.AddOrUpdate((date, page), 1, static (_, before) => before + 1);
        if (OnPage is not null && await OnPage(context, date, page, arrived))
            return;
        await context.Response.WriteAsJsonAsync(new
        {
            data = Enumerable.Range(first, Math.Max(0, Math.Min(size, PerDay - first))).Select(number => Make(date, number)),
            next = first + size < PerDay ? $"c{first + size}" : null,
        });
    }
}
