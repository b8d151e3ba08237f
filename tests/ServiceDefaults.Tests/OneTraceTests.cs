using System.Diagnostics;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Sluice.Testing;

namespace Sluice.ServiceDefaults.Tests;

public sealed class OneTraceTests(PostgresFixture postgres, RabbitMqFixture rabbitmq)
{
    private const string Query = "select 'one trace'";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_trace_runs_from_a_request_through_the_broker_and_a_second_service_into_postgres()
    {
        using var recorder = new SpanRecorder();
        await using var store = await StartStoreAsync(recorder);
        await using var front = await StartFrontAsync(store.Url);

        await front.Client.PostAsync("/trace", null, Cancellation);

        var query = await recorder.FindAsync(IsQuery);
        // A server's span may end after its client's.
        await Deadline.UntilAsync(
            () => Task.FromResult(Ancestors(query, recorder.Spans).Last().ParentSpanId == default), "all spans up to the first have ended", cancellationToken: Cancellation);

        var rooms = Ancestors(query, recorder.Spans).Select(span => span.Source.Name).ToList();
        Assert.Equal(
            ["Npgsql", "Microsoft.AspNetCore", "System.Net.Http", "MassTransit", "Microsoft.AspNetCore", "System.Net.Http"],
            rooms.Where((room, i) => i == 0 || rooms[i - 1] != room));
        Assert.Single(recorder.Spans, IsQuery);
    }

    private static bool IsQuery(Activity span) => span.Source.Name == "Npgsql" && span.Tags.Any(tag => tag.Value == Query);

    private static IEnumerable<Activity> Ancestors(Activity span, IReadOnlyCollection<Activity> spans)
    {
        for (var current = span; current is not null; current = spans.FirstOrDefault(other => other.SpanId == current.ParentSpanId))
            yield return current;
    }

    private async Task<TestService> StartStoreAsync(SpanRecorder recorder)
    {
        var builder = TestService.Builder(SpanRecorder.Somewhere, ("ConnectionStrings:store", await postgres.Server.CreateDatabaseAsync(cancellationToken: Cancellation)));
        builder.AddPostgresStore("store");
        recorder.AttachTo(builder.Services);
        return await TestService.StartAsync(builder, static app => app.MapGet("/stored", async (NpgsqlDataSource database) =>
        {
            await using var command = database.CreateCommand(Query);
            return (string?)await command.ExecuteScalarAsync(Cancellation);
        }));
    }

    private Task<TestService> StartFrontAsync(string store)
    {
        var builder = TestService.Builder(
            SpanRecorder.Somewhere, ("ConnectionStrings:rabbitmq", rabbitmq.Server.ConnectionString), ("services:store:http:0", store));
        builder.Services.AddHttpClient("store", client => client.BaseAddress = new Uri("http://store"));
        builder.AddMessaging("rabbitmq", bus => bus.AddConsumer<AskStoreConsumer>());
        return TestService.StartAsync(builder, static app =>
            app.MapPost("/trace", (IPublishEndpoint bus) => bus.Publish(new AskStore(Guid.NewGuid()), Cancellation)));
    }
}

public sealed record AskStore(Guid Id);

internal sealed class AskStoreConsumer(IHttpClientFactory clients) : IConsumer<AskStore>
{
    public Task Consume(ConsumeContext<AskStore> context) => clients.CreateClient("store").GetStringAsync("/stored", context.CancellationToken);
}
