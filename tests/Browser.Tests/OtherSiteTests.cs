using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sluice.BrowserTests;

public sealed class OtherSiteTests(Site site)
{
    private const string Attempts = """
        async gateway => {
          const tried = async attempt => { try { return await attempt() } catch { return 'refused' } };
          const post = (path, body, type) => tried(async () => {
            const answer = await fetch(gateway + path, { method: 'POST', credentials: 'include', mode: 'no-cors', headers: { 'Content-Type': type }, body });
            return answer.type;
          });
          const hub = () => new Promise(resolve => {
            const socket = new WebSocket(gateway.replace('http', 'ws') + 'dashboard/_blazor');
            socket.onopen = () => resolve('open');
            socket.onerror = () => resolve('refused');
          });
          return [
            await post('imports', '{"source":"items"}', 'text/plain'),
            await post('dashboard/imports', 'source=items', 'application/x-www-form-urlencoded'),
            await tried(async () => (await fetch(gateway + 'imports', { method: 'POST', credentials: 'include', headers: { 'X-API-Key': 'operator' }, body: '{"source":"items"}' })).status),
            await hub(),
          ];
        }
        """;

    [Fact(Timeout = 300_000)]
    public async Task A_script_of_another_site_starts_nothing_with_the_sign_in_of_who_visits_it()
    {
        await using var other = await StartOtherAsync();
        var before = await ImportsAsync();
        string[] outcomes = [];
        await site.SignedInAsync(async visit =>
        {
            var page = await visit.Page.Context.NewPageAsync();
            await page.GotoAsync(other.Urls.Single());
            outcomes = await page.EvaluateAsync<string[]>(Attempts, site.Address.ToString());
        });

        // A browser asks nobody before it sends simple requests: the first one was, without a key. The script doesn't learn what came of it.
        Assert.Equal(["opaque", "refused", "refused", "refused"], outcomes);
        Assert.Equal(before, await ImportsAsync());
    }

    private async Task<int> ImportsAsync() =>
        (await site.Operator.GetFromJsonAsync<JsonElement>("/imports?limit=500", TestContext.Current.CancellationToken)).GetProperty("data").GetArrayLength();

    private static async Task<WebApplication> StartOtherAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var other = builder.Build();
        other.Run(static context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<title>Another site</title>");
        });
        await other.StartAsync(TestContext.Current.CancellationToken);
        return other;
    }
}
