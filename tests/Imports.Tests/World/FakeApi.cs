using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sluice.ImportTests.World;

/// <summary>An API to import from: a list paged in every style, details, exact limits by arrival, and faults by id.</summary>
internal sealed class FakeApi : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<(string Path, int Status)> answers = new();
    private readonly ConcurrentDictionary<string, int> details = new();

    private FakeApi(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    public int Items { get; init; } = 40;

    public ArrivalWindows Limits { get; init; } = new();

    /// <summary>Runs before a page is answered. True: it has been.</summary>
    public Func<HttpContext, int, Task<bool>>? OnPage { get; set; }

    /// <summary>Runs before a detail is answered, with how many arrived for it. True: it has been.</summary>
    public Func<HttpContext, string, int, Task<bool>>? OnDetail { get; set; }

    /// <summary>What it has for every day.</summary>
    public FakeRecords Records { get; } = new();

    public int Refusals => answers.Count(answer => answer.Status == StatusCodes.Status429TooManyRequests);

    public int Requests => answers.Count;

    public IEnumerable<string> Pages => answers.Select(answer => answer.Path).Where(path => path.StartsWith("/list", StringComparison.Ordinal));

    /// <summary>How often each item's detail was asked for.</summary>
    public IReadOnlyDictionary<string, int> Details => details;

    public static decimal PriceOf(int id) => 10 + id / 100m;

    public static async Task<FakeApi> StartAsync(int items = 40, ArrivalWindows? limits = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var api = new FakeApi(builder.Build()) { Items = items, Limits = limits ?? new() };
        api.app.Use(api.CountAsync);
        api.app.MapGet("/list", api.ListAsync);
        api.app.MapGet("/items/{id}", api.DetailAsync);
        api.app.MapGet("/records", api.Records.AnswerAsync);
        await api.app.StartAsync(TestContext.Current.CancellationToken);
        return api;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        if (Limits.TryEnter())
            await next(context);
        else
            Refuse(context, seconds: 1);
        answers.Enqueue((context.Request.Path + context.Request.QueryString, context.Response.StatusCode));
    }

    public static void Refuse(HttpContext context, int seconds)
    {
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>page, offset, cursor or after (as the Link header has it), each with size.</summary>
    private async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var size = int.Parse(query["size"].Single()!, CultureInfo.InvariantCulture);
        var first = Number(query, "page") is { } page ? (page - 1) * size
            : Number(query, "offset") ?? Number(query, "after") ?? int.Parse(query["cursor"].SingleOrDefault()?[1..] ?? "0", CultureInfo.InvariantCulture);
        if (OnPage is not null && await OnPage(context, first / size + 1))
            return;

        var hasNext = first + size < Items;
        if (hasNext)
            context.Response.Headers.Link = $"</list>; rel=\"first\", <?after={first + size}&size={size}>; rel=\"next\"";
        await context.Response.WriteAsJsonAsync(new
        {
            data = Enumerable.Range(first + 1, Math.Max(0, Math.Min(size, Items - first))).Select(id => new { id, name = $"Item {id}" }),
            meta = new { pages = (Items + size - 1) / size, next = hasNext ? $"c{first + size}" : null },
        });
    }

    private async Task DetailAsync(HttpContext context, string id)
    {
        var arrived = details.AddOrUpdate(id, 1, (_, before) => before + 1);
        if (OnDetail is not null && await OnDetail(context, id, arrived))
            return;
        var number = int.Parse(id, CultureInfo.InvariantCulture);
        await context.Response.WriteAsJsonAsync(new { id = number, name = $"Item {number}", description = $"About item {number}", price = PriceOf(number) });
    }

    private static int? Number(IQueryCollection query, string name) =>
        query.TryGetValue(name, out var value) ? int.Parse(value.Single()!, CultureInfo.InvariantCulture) : null;
}
