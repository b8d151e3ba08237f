using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Sluice.Testing;

namespace Sluice.Hosting.Tests.Dashboard;

/// <summary>What OpenTelemetry's own exporter sends is what the pages show.</summary>
public sealed class OtlpTests(DashboardProcess dashboard) : IClassFixture<DashboardProcess>
{
    [Fact]
    public async Task A_trace_is_shown_with_its_errors_attributes_events_and_links()
    {
        using var source = new ActivitySource("Shop");
        using var provider = Sdk.CreateTracerProviderBuilder().AddSource(source.Name).ConfigureResource(Checkout).AddOtlpExporter(options => To(options, "traces")).Build();
        ActivityTraceId trace;
        using (var buy = source.StartActivity("POST /buy", ActivityKind.Server))
        {
            trace = buy!.TraceId;
            using var pay = source.StartActivity("pay", ActivityKind.Client, default(ActivityContext), [new("db.system.name", "redis"), new("sku", "item-7")], [new(buy.Context)]);
            pay!.AddException(new InvalidOperationException("no money left")).SetStatus(ActivityStatusCode.Error, "refused by the bank");
        }

        using var browser = await dashboard.SignedInAsync();
        var list = await ShownAsync(browser, "/traces?text=item-7", "checkout: POST /buy");
        Assert.Contains("1 error", list, StringComparison.Ordinal);
        Assert.DoesNotContain("checkout: POST /buy", await browser.GetStringAsync("/traces?text=item-8", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var detail = await browser.GetStringAsync($"/traces/detail/{trace}", TestContext.Current.CancellationToken);
        Assert.Contains("2 spans", detail, StringComparison.Ordinal);
        Assert.Contains("→ redis", detail, StringComparison.Ordinal);
        var span = detail.Split("data-key=\"").Select(part => part[..16]).Last();
        var selected = await browser.GetStringAsync($"/traces/detail/{trace}?span={span}", TestContext.Current.CancellationToken);
        foreach (var expected in (string[])["item-7", "no money left", "refused by the bank", $"<li><a class=\"mono\" href=\"/traces/detail/{trace}"])
            Assert.Contains(expected, selected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_record_is_found_by_resource_level_text_and_trace()
    {
        using var services = new ServiceCollection().AddLogging(logging => logging.AddOpenTelemetry(options => options
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("cellar", serviceInstanceId: "cellar-1"))
            .AddOtlpExporter(exporter => To(exporter, "logs")))).BuildServiceProvider();
        var trace = ActivityTraceId.CreateRandom();
        using (var activity = new Activity("x").SetParentId(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded).Start())
        {
            var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Cellar.Pump");
#pragma warning disable CA1848, CA2254 // The test logs as anybody might.
            logger.LogWarning("Water stands {Depth} cm deep", 12);
            logger.LogInformation("All is well");
#pragma warning restore CA1848, CA2254
        }
        services.GetRequiredService<LoggerProvider>().ForceFlush();

        using var browser = await dashboard.SignedInAsync();
        var found = await ShownAsync(browser, $"/structuredlogs?resource=cellar-1&level=Warning&text=Cellar.Pump&traceId={trace}", "Water stands");
        Assert.DoesNotContain("All is well", found, StringComparison.Ordinal);
        var record = found.Split("record=")[1].Split('"', '&')[0];
        var detail = await browser.GetStringAsync($"/structuredlogs?record={record}", TestContext.Current.CancellationToken);
        Assert.Contains("<th scope=\"row\">Depth</th><td>12</td>", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counters_become_rates_and_histograms_quantiles_by_dimension()
    {
        using var meter = new Meter("Shop.Sales");
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Name).ConfigureResource(Checkout)
            .AddOtlpExporter((exporter, reader) =>
            {
                To(exporter, "metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = 100;
            }).Build();
        var sold = meter.CreateCounter<long>("shop.sold", "{item}", "Items sold");
        var took = meter.CreateHistogram<double>("shop.took", "s", "Time at the till");
        sold.Add(3, new KeyValuePair<string, object?>("till", "left"));
        took.Record(0.02);
        provider!.ForceFlush();

        using var browser = await dashboard.SignedInAsync();
        var chart = await ShownAsync(browser, "/metrics?meter=Shop.Sales&instrument=shop.sold", "till=left");
        Assert.Contains("Items sold", chart, StringComparison.Ordinal);
        var quantiles = await ShownAsync(browser, "/metrics?meter=Shop.Sales&instrument=shop.took", "p99");
        Assert.Contains("seconds", quantiles, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_no_key_or_sends_something_else_is_refused()
    {
        using var stranger = dashboard.NewSender(key: null);
        using var liar = dashboard.NewSender(key: "the-kex");
        using var sender = dashboard.NewSender();

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(stranger, "/v1/traces", Protobuf([])));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(liar, "/v1/traces", Protobuf([])));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await PostAsync(sender, "/v1/traces", new StringContent("{}")));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(sender, "/v1/profiles", Protobuf([])));
        Assert.Equal(HttpStatusCode.NotFound, (await sender.GetAsync("/login", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(sender, "/v1/traces", Protobuf(new byte[1_000_001])));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostAsync(sender, "/v1/traces", Protobuf(Gzip(new byte[1_000_001]), "gzip")));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(sender, "/v1/traces", Protobuf([1, 2, 3], "gzip")));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(sender, "/v1/traces", Protobuf(Gzip([]), "gzip")));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(sender, "/v1/logs", Protobuf([255, 255, 255])));
    }

    private static void Checkout(ResourceBuilder resource) => resource.AddService("checkout", serviceInstanceId: "checkout");

    private void To(OtlpExporterOptions options, string signal)
    {
        options.Endpoint = new Uri(dashboard.Otlp, $"/v1/{signal}");
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Headers = $"x-otlp-api-key={DashboardProcess.ApiKey}";
        options.BatchExportProcessorOptions.ScheduledDelayMilliseconds = 50;
    }

    private static async Task<string> ShownAsync(HttpClient browser, string path, string text)
    {
        var page = "";
        await Deadline.UntilAsync(
            async () => (page = await browser.GetStringAsync(path, TestContext.Current.CancellationToken)).Contains(text, StringComparison.Ordinal),
            $"{path} shows {text}", cancellationToken: TestContext.Current.CancellationToken);
        return page;
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient sender, string path, HttpContent content)
    {
        using (content)
        using (var answer = await sender.PostAsync(path, content, TestContext.Current.CancellationToken))
            return answer.StatusCode;
    }

    private static ByteArrayContent Protobuf(byte[] body, string? encoding = null)
    {
        var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-protobuf") } };
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        return content;
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }
}
