using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.ImportTests.World;
using Sluice.Testing;

namespace Sluice.ImportTests;

public sealed class PagingTests(Servers servers)
{
    private static readonly string[] cursor =
        ["Sources:shop:List:Style=Cursor", "Sources:shop:List:Path=list?cursor={cursor}&size={size}", "Sources:shop:List:NextCursor=meta.next"];

    [Theory]
    [InlineData(4, "Style=Page", "Path=list?page={page}&size={size}")]
    [InlineData(5, "Style=Page", "Path=list?page={page}&size={size}", "TotalPages=")]
    [InlineData(5, "Style=Offset", "Path=list?offset={offset}&size={size}")]
    [InlineData(4, "Style=Cursor", "Path=list?cursor={cursor}&size={size}", "NextCursor=meta.next")]
    [InlineData(4, "Style=Link", "Path=list?size={size}&after=0")]
    public async Task Every_style_of_paging_lists_every_item_once(int pages, params string[] list)
    {
        await using var api = await FakeApi.StartAsync(items: 70);
        await using var system = await ImportSystem.StartAsync(servers, api, 1, Settings(list.Select(setting => "Sources:shop:List:" + setting)));

        await system.AssertCompleteAsync(await system.ImportAsync(), 70);
        Assert.Equal(pages, api.Pages.Count());
        Assert.Equal(pages, api.Pages.Distinct().Count());
    }

    [Fact]
    public async Task A_cursor_that_comes_again_ends_the_import_with_that_reason()
    {
        await using var api = await FakeApi.StartAsync(items: 60);
        api.OnPage = async (context, page) =>
        {
            if (page == 3)
                await context.Response.WriteAsync("""{"data":[{"id":41}],"meta":{"next":"c20"}}""", context.RequestAborted);
            return page == 3;
        };
        await using var system = await ImportSystem.StartAsync(servers, api, 1, Settings(cursor));

        var import = await system.UntilEndedAsync(await system.ImportAsync());
        Assert.Equal((ImportStatus.Failed, "The list loops: page 3 leads back to pages that were read before."), (import.Status, import.FailureReason));
        Assert.Equal(3, api.Pages.Count());
    }

    [Fact]
    public async Task A_list_that_repeats_itself_under_new_cursors_ends_the_import()
    {
        await using var api = await FakeApi.StartAsync();
        var pages = 0;
        api.OnPage = async (context, _) =>
        {
            await context.Response.WriteAsync($$$"""{"data":[{"id":1}],"meta":{"next":"c{{{++pages}}}"}}""", context.RequestAborted);
            return true;
        };
        await using var system = await ImportSystem.StartAsync(servers, api, 1, Settings(cursor));

        var import = await system.UntilEndedAsync(await system.ImportAsync());
        Assert.Equal((ImportStatus.Failed, "The list loops: page 4 leads back to pages that were read before."), (import.Status, import.FailureReason));
    }

    [Fact]
    public async Task A_list_that_never_ends_is_left_at_the_most_pages_that_its_source_allows()
    {
        await using var api = await FakeApi.StartAsync(items: 100_000);
        await using var system = await ImportSystem.StartAsync(servers, api, 0, [("Sources:shop:List:MaxPages", "5"), .. Settings(cursor)]);

        var import = await system.UntilEndedAsync(await system.ImportAsync());
        Assert.Equal((ImportStatus.Failed, "The list has more than 5 pages, the most that its source allows."), (import.Status, import.FailureReason));
        Assert.Equal(5, api.Pages.Count());
    }

    [Theory]
    [InlineData("<http://127.0.0.1:9/list>; rel=next", "'http://127.0.0.1:9/list' leads away from 127.0.0.1")]
    [InlineData("<http://[>; rel=next", "the Link header's next 'http://[' is no address")]
    public async Task A_link_that_leads_nowhere_ends_the_import_with_that_reason(string link, string reason)
    {
        await using var api = await FakeApi.StartAsync();
        api.OnPage = async (context, _) =>
        {
            context.Response.Headers.Link = link;
            await context.Response.WriteAsync("""{"data":[{"id":1}]}""", context.RequestAborted);
            return true;
        };
        await using var system = await ImportSystem.StartAsync(servers, api, 0, Settings(["Sources:shop:List:Style=Link"]));

        var import = await system.UntilEndedAsync(await system.ImportAsync());
        Assert.Equal((ImportStatus.Failed, $"Page 1 of the list could not be read: {reason}"), (import.Status, import.FailureReason));
    }

    [Fact]
    public async Task Redirects_are_followed_on_the_same_server_as_often_as_its_source_allows()
    {
        await using var api = await FakeApi.StartAsync(items: 3);
        api.OnDetail = (context, id, arrived) =>
        {
            // Two hops for item 1, and no end for item 2.
            var hops = context.Request.Query["hop"].Count > 0 ? int.Parse(context.Request.Query["hop"].Single()!, null) : 0;
            if (id == "3" || id == "1" && hops == 2)
                return Task.FromResult(false);
            context.Response.Redirect($"?hop={hops + 1}");
            return Task.FromResult(true);
        };
        await using var system = await ImportSystem.StartAsync(servers, api, 1, ("Sources:shop:MaxRedirects", "3"));

        var import = await system.UntilCompletedAsync(await system.ImportAsync());
        var failed = Assert.Single(await system.ItemsAsync(import.Id, ItemStatus.Failed));
        Assert.Equal(("2", "GET /items/2 is redirected more than 3 times"), (failed.ExternalId, failed.FailureReason));
        Assert.Equal((3, 4, 1), (api.Details["1"], api.Details["2"], api.Details["3"]));
    }

    private static (string Key, string? Value)[] Settings(IEnumerable<string> settings) =>
        [.. settings.Select(setting => setting.Split('=', 2)).Select(parts => (parts[0], (string?)parts[1]))];
}
