using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests.Clients;

public sealed class StandardResilienceTests
{
    private readonly FakeTimeProvider time = new();
    private int attempts;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task A_transient_answer_is_retried_until_it_is_a_good_one(HttpStatusCode transient)
    {
        var response = await SendAsync(attempt => Respond(attempt < 3 ? transient : HttpStatusCode.OK));
        Assert.Equal((HttpStatusCode.OK, 3), (response.StatusCode, attempts));
    }

    [Fact]
    public async Task After_three_retries_the_last_answer_is_the_answer()
    {
        var response = await SendAsync(_ => Respond(HttpStatusCode.ServiceUnavailable));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 4), (response.StatusCode, attempts));
    }

    [Fact]
    public async Task A_refused_connection_is_retried_and_a_callers_fault_is_not()
    {
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(attempt => attempt == 1 ? throw new HttpRequestException("refused") : Respond(HttpStatusCode.OK))).StatusCode);
        attempts = 0;
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(_ => Respond(HttpStatusCode.NotFound))).StatusCode);
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task Retry_after_is_obeyed()
    {
        var started = time.GetUtcNow();
        await SendAsync(attempt =>
        {
            var response = new HttpResponseMessage(attempt == 1 ? HttpStatusCode.TooManyRequests : HttpStatusCode.OK);
            response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7));
            return Task.FromResult(response);
        });
        Assert.InRange(time.GetUtcNow() - started, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task An_attempt_that_hangs_is_given_up_after_ten_seconds_and_all_of_them_after_thirty()
    {
        var started = time.GetUtcNow();
        await Assert.ThrowsAsync<TimeoutRejectedException>(() => SendAsync(static async _ =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Cancellation);
            return new HttpResponseMessage();
        }));
        Assert.InRange(time.GetUtcNow() - started, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(31));
        Assert.InRange(attempts, 2, 3);
    }

    [Fact]
    public async Task A_host_that_fails_all_the_time_is_left_alone_for_a_while()
    {
        using var services = Services(_ => Respond(HttpStatusCode.InternalServerError));
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("resilient");
        var answers = Task.WhenAll(Enumerable.Range(0, 120).Select(_ => client.GetAsync(new Uri("http://host/"), Cancellation)));
        await Assert.ThrowsAnyAsync<BrokenCircuitException>(() => AdvanceAsync(answers));
        Assert.InRange(attempts, 100, 120);
    }

    private async Task<HttpResponseMessage> SendAsync(Func<int, Task<HttpResponseMessage>> answer)
    {
        using var services = Services(answer);
        using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("resilient");
        return await AdvanceAsync(client.GetAsync(new Uri("http://host/"), Cancellation));
    }

    private ServiceProvider Services(Func<int, Task<HttpResponseMessage>> answer)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        services.AddHttpClient("resilient")
            .ConfigurePrimaryHttpMessageHandler(() => new Stub(() => answer(Interlocked.Increment(ref attempts))))
            .AddStandardResilienceHandler();
        services.RemoveAll<IHttpMessageHandlerBuilderFilter>();
        return services.BuildServiceProvider();
    }

    /// <summary>Lets time pass whenever the client waits for it.</summary>
    private async Task<T> AdvanceAsync<T>(Task<T> response)
    {
        await Deadline.UntilAsync(
            () =>
            {
                if (!response.IsCompleted && time.PendingTimers > 0)
                    time.Advance(TimeSpan.FromSeconds(0.25));
                return Task.FromResult(response.IsCompleted);
            },
            "response",
            cancellationToken: Cancellation);
        return await response;
    }

    private static Task<HttpResponseMessage> Respond(HttpStatusCode status) => Task.FromResult(new HttpResponseMessage(status));

    private sealed class Stub(Func<Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer().WaitAsync(cancellationToken);
    }
}
