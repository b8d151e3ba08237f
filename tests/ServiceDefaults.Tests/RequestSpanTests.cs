using System.Diagnostics;
using Microsoft.AspNetCore.Builder;

namespace Sluice.ServiceDefaults.Tests;

public sealed class RequestSpanTests : IDisposable
{
    private readonly SpanRecorder recorder = new();

    public void Dispose() => recorder.Dispose();

    [Fact]
    public async Task A_span_is_named_for_method_and_route_and_carries_the_standard_attributes()
    {
        await using var service = await StartAsync();
        await service.Client.GetAsync("/spans/17", TestContext.Current.CancellationToken);

        var span = await recorder.FindAsync(span => span.GetTagItem("url.path") is "/spans/17" && span.Kind == ActivityKind.Server);
        Assert.Equal("GET /spans/{id}", span.DisplayName);
        Assert.Equal("GET", span.GetTagItem("http.request.method"));
        Assert.Equal("/spans/{id}", span.GetTagItem("http.route"));
        Assert.Equal("http", span.GetTagItem("url.scheme"));
        Assert.Equal(200, span.GetTagItem("http.response.status_code"));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public async Task A_request_that_breaks_keeps_its_route_and_is_marked_as_an_error()
    {
        await using var service = await StartAsync();
        await service.Client.GetAsync("/spans/broken", TestContext.Current.CancellationToken);

        var span = await recorder.FindAsync(span => span.DisplayName == "GET /spans/broken" && span.Kind == ActivityKind.Server);
        Assert.Equal(500, span.GetTagItem("http.response.status_code"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
    }

    [Fact]
    public async Task An_unknown_route_is_named_for_its_method_alone()
    {
        await using var service = await StartAsync();
        await service.Client.GetAsync("/spans-of-nobody", TestContext.Current.CancellationToken);

        var span = await recorder.FindAsync(span => span.GetTagItem("url.path") is "/spans-of-nobody" && span.Kind == ActivityKind.Server);
        Assert.Equal("GET", span.DisplayName);
        Assert.Equal(404, span.GetTagItem("http.response.status_code"));
    }

    [Fact]
    public async Task Health_requests_leave_no_spans()
    {
        await using var service = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        var trace = ActivityTraceId.CreateRandom();
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await service.Client.GetAsync("/spans/after-health", TestContext.Current.CancellationToken);

        await recorder.FindAsync(span => span.GetTagItem("url.path") is "/spans/after-health");
        Assert.DoesNotContain(recorder.Spans, span => span.TraceId == trace && span.Kind == ActivityKind.Server);
    }

    private Task<TestService> StartAsync()
    {
        var builder = TestService.Builder(SpanRecorder.Somewhere);
        recorder.AttachTo(builder.Services);
        return TestService.StartAsync(builder, static app =>
        {
            app.MapGet("/spans/{id}", (string id) => id);
            app.MapGet("/spans/broken", string () => throw new InvalidOperationException("broken"));
        });
    }
}
