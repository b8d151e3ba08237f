using Sluice.Cli.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sluice.Cli.Runs;

/// <summary>Draws an import or a backfill while it is watched.</summary>
internal static class RunFrame
{
    /// <summary>Columns beside the bar.</summary>
    private const int Room = 44;

    /// <param name="since">How long ago it stood so: the clock goes on between two events.</param>
    public static IRenderable Of(RunKind kind, Run run, TimeSpan since, IAnsiConsole console)
    {
        var color = run.EndedAt is null ? Color.Aqua : run.IsSuccess ? Color.Green : Color.Red;
        var progress = new Grid().AddColumns([.. Enumerable.Range(0, 3).Select(_ => new GridColumn().NoWrap())]).AddRow(
            new Text(run.Status, Styles.Of(run.Status)),
            Bar.Of(run.Share, color, console, Room),
            new Text($"{Words.Count(run.Imported)} of {RunText.TotalOf(run)} {kind.Parts}  {Math.Floor(run.Share * 100):0} %"));
        var took = Words.Duration(run.DurationSeconds + (run.EndedAt is null ? since.TotalSeconds : 0));
        var figures = $"{took}  {RunText.RateOf(kind.Parts, run)}  {Words.Count(run.Hits)} refusals";
        return new Rows(
            progress,
            new Paragraph(run.EndedAt is null ? $"{figures}  {RunText.EndOf(run, since)}" : figures)
                .Append(run.Failed == 0 ? "" : $"  {Words.Count(run.Failed)} failed", new Style(Color.Red)),
            new Text(run.EndedAt is null ? RunText.HindranceOf(run) : run.FailureReason ?? "", new Style(Color.Grey)));
    }
}
