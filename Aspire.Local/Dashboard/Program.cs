using Aspire.Dashboard;
using Aspire.Dashboard.Components;
using Aspire.Dashboard.Live;
using Aspire.Dashboard.Otlp;
using Aspire.Dashboard.Resources;
using Aspire.Dashboard.Security;
using Aspire.Dashboard.Telemetry;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

var builder = WebApplication.CreateBuilder(args);
var listeners = Listeners.From(builder.Configuration);
builder.WebHost.UseStaticWebAssets().UseUrls(listeners.Urls).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
builder.Configuration["AllowedHosts"] = "localhost;127.0.0.1;[::1]";
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.AspNetCore", LogLevel.Error);

builder.Services.Configure<DashboardOptions>(builder.Configuration.GetSection("Dashboard"));
builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<DashboardOptions>>().Value.TelemetryLimits);
builder.Services.AddSingleton(listeners).AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<Changes>().AddSingleton<Losses>().AddSingleton<SourceDirectory>();
builder.Services.AddSingleton<TraceStore>().AddSingleton<LogStore>().AddSingleton<MetricStore>();
builder.Services.AddSingleton<IngestQueue>().AddSingleton<OtlpReceiver>().AddHostedService<Ingest>();
builder.Services.AddSingleton<AppHostClient>().AddSingleton<ResourceDirectory>().AddSingleton<CommandResults>().AddHostedService<ResourceWatch>();
// Whoever is signed in is so until the AppHost ends: nothing is written to disk.
builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
builder.Services.AddSignIn();
builder.Services.AddRazorComponents();

var app = builder.Build();
app.UseWhen(context => context.Connection.LocalPort == listeners.OtlpPort, otlp => otlp.Run(otlp.ApplicationServices.GetRequiredService<OtlpReceiver>().InvokeAsync));
app.UseMiddleware<Protection>();
app.UseStaticFiles();
app.Use(async (context, next) =>
{
    if (!await SignIn.TryByLinkAsync(context))
        await next(context);
});
app.UseRouting();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.MapSignIn();
app.MapLive();
app.MapResourceCommands();
app.MapRazorComponents<App>();
await app.RunAsync();
