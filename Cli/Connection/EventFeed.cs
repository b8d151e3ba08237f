using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sluice.Cli.Connection;

/// <summary>Follows server-sent events to their end, over as many connections as it takes. For one watcher.</summary>
/// <param name="isLast">Whether nothing comes after an event.</param>
internal sealed class EventFeed(GatewayClient gateway, string path, Func<SseItem<string>, bool> isLast, TimeProvider time)
{
    /// <summary>The gateway says something every 15 s at the least: who is silent for longer is gone, and nobody has told us.</summary>
    private static readonly TimeSpan silence = TimeSpan.FromSeconds(45);

    private readonly Reconnection reconnection = new(time);
    private string? lastEventId;

    /// <exception cref="CommandFailure">There is no such thing any more, or the gateway is away for too long.</exception>
    public async IAsyncEnumerable<Sighting> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            CommandFailure? failure = null;
            await using var connection = EventsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await connection.MoveNextAsync())
                        break;
                    reconnection.Succeeded();
                }
                catch (CommandFailure lost)
                {
                    failure = lost;
                    break;
                }

                yield return connection.Current;
                if (connection.Current.IsLast)
                    yield break;
            }

            var (trouble, wait) = reconnection.After(failure ?? Lost("the connection was closed"));
            yield return Sighting.Of(trouble);
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <summary>Those of one connection.</summary>
    private async IAsyncEnumerable<Sighting> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await gateway.OpenAsync(path, lastEventId, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NoContent)
            throw new CommandFailure(ExitCode.Failed, "Nothing more is told of it.");
        await using var body = new ImpatientStream(await response.Content.ReadAsStreamAsync(cancellationToken), silence, time);
        await using var events = SseParser.Create(body).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(events, cancellationToken))
        {
            lastEventId = events.Current.EventId ?? lastEventId;
            yield return new(JsonElement.Parse(events.Current.Data), isLast(events.Current));
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<SseItem<string>> events, CancellationToken cancellationToken)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception exception) when (exception is IOException or TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            throw Lost(exception.Message);
        }
    }

    private static CommandFailure Lost(string reason) => new(ExitCode.Unreachable, $"The gateway is lost: {reason}.");
}
