using System.Text.Json;
using Sluice.Cli.Connection;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sluice.Cli.Output;

/// <summary>Shows what is watched.</summary>
/// <typeparam name="T">What it is read as.</typeparam>
/// <param name="frame">Draws it; the time is how long ago it stood so.</param>
/// <param name="line">Says it in one line. One that is the same as before is left out.</param>
internal sealed class Screen<T>(Printer printer, TimeProvider time, Func<T, TimeSpan, IRenderable> frame, Func<T, string> line) where T : class
{
    private static readonly TimeSpan redraw = TimeSpan.FromMilliseconds(250);

    private Sighting last;
    private T? state;
    private string? trouble;
    private long seenAt;

    /// <returns>The last that was seen.</returns>
    public async Task<(T State, JsonElement Body)> WatchAsync(IAsyncEnumerable<Sighting> sightings, CancellationToken cancellationToken)
    {
        if (printer.IsLive)
            await printer.Console.Live(new Text("")).StartAsync(live => DrawAsync(live, sightings, cancellationToken));
        else
            await foreach (var sighting in sightings.WithCancellation(cancellationToken))
                Print(sighting);
        return (state!, last.Body);
    }

    private void Print(Sighting sighting)
    {
        var before = state is null ? null : line(state);
        Take(sighting);
        if (sighting.Trouble is not null)
            printer.Note(sighting.Trouble);
        else if (printer.IsJson)
            printer.DocumentLine(sighting.Body);
        else if (line(state!) is var now && now != before)
            printer.Line(now);
    }

    private async Task DrawAsync(LiveDisplayContext live, IAsyncEnumerable<Sighting> sightings, CancellationToken cancellationToken)
    {
        var watching = TakeAllAsync(sightings, cancellationToken);
        using var timer = new PeriodicTimer(redraw, time);
        do
        {
            Draw(live);
            await Task.WhenAny(watching, timer.WaitForNextTickAsync(CancellationToken.None).AsTask());
        }
        while (!watching.IsCompleted);
        Draw(live);
        await watching;
    }

    private async Task TakeAllAsync(IAsyncEnumerable<Sighting> sightings, CancellationToken cancellationToken)
    {
        await foreach (var sighting in sightings.WithCancellation(cancellationToken))
            Take(sighting);
    }

    private void Take(Sighting sighting)
    {
        trouble = sighting.Trouble;
        if (trouble is not null)
            return;
        (last, seenAt) = (sighting, time.GetTimestamp());
        state = sighting.Body.Deserialize<T>(JsonSerializerOptions.Web);
    }

    private void Draw(LiveDisplayContext live)
    {
        List<IRenderable> rows = [state is { } seen ? frame(seen, time.GetElapsedTime(seenAt)) : new Text("...", new Style(Color.Grey))];
        if (trouble is not null)
            rows.Add(new Text(trouble, new Style(Color.Yellow)));
        live.UpdateTarget(new Rows(rows));
    }
}
