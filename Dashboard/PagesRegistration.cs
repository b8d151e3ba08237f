using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Radzen;
using Sluice.Dashboard.Components;
using Sluice.Dashboard.Components.Parts;
using Sluice.Dashboard.Gateway;
using Sluice.Dashboard.Pages.Backfills;
using Sluice.Dashboard.Pages.Imports;
using Sluice.Dashboard.Pages.Limits;
using Sluice.Dashboard.Pages.Sales;

namespace Sluice.Dashboard;

internal static class PagesRegistration
{
    /// <summary>Circuits that lost their browser, and for how long they wait for it.</summary>
    private const int MostLostCircuits = 50;
    private static readonly TimeSpan lostCircuitLifetime = TimeSpan.FromMinutes(3);

    public static void AddPages(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<KestrelServerOptions>(builder.Configuration.GetSection("Kestrel"));
        builder.Services.AddGatewayClient();
        builder.Services.AddSingleton<LimitsFeeds>();
        builder.Services.AddSingleton<SalesFeeds>();
        builder.Services.AddSingleton<ImportFeeds>();
        builder.Services.AddSingleton<BackfillFeeds>();
        builder.Services.AddScoped<Operator>();
        builder.Services.AddScoped<ViewerFormat>();
        builder.Services.AddRadzenComponents();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.Configure<CircuitOptions>(static circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = MostLostCircuits;
            circuits.DisconnectedCircuitRetentionPeriod = lostCircuitLifetime;
        });
    }

    /// <summary>An unknown page is one that says so, of the same look.</summary>
    public static void UseNotFoundPage(this WebApplication app) => app.UseWhen(
        static context => context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal),
        static pages => pages.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true));

    public static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();

        // Security headers say who may frame the pages.
        app.MapRazorComponents<App>().WithStaticAssets().AddInteractiveServerRenderMode(static mode => mode.ContentSecurityFrameAncestorsPolicy = null);
    }
}
