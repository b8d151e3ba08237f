using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sluice.Cli.Connection;

/// <summary>Asks again and again for what tells nothing by itself.</summary>
/// <param name="isLast">Whether it won't change any more.</param>
internal sealed class Poll(GatewayClient gateway, string path, TimeSpan interval, Func<JsonElement, bool> isLast, TimeProvider time)
{
    /// <exception cref="CommandFailure">There is no such thing any more, or the gateway is away for too long.</exception>
    public async IAsyncEnumerable<Sighting> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reconnection = new Reconnection(time);
        while (true)
        {
            var (sighting, wait) = await LookAsync(reconnection, cancellationToken);
            yield return sighting;
            if (sighting.IsLast)
                yield break;
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private async Task<(Sighting, TimeSpan Wait)> LookAsync(Reconnection reconnection, CancellationToken cancellationToken)
    {
        try
        {
            var body = await gateway.GetAsync(path, cancellationToken);
            reconnection.Succeeded();
            return (new(body, isLast(body)), interval);
        }
        catch (CommandFailure failure)
        {
            var (trouble, wait) = reconnection.After(failure);
            return (Sighting.Of(trouble), wait);
        }
    }
}
