using Sluice.Contracts;
using Spectre.Console;

namespace Sluice.Cli.Output;

/// <summary>The colours of states.</summary>
internal static class Styles
{
    public static Style Of(string word) => word switch
    {
        ImportStatus.Completed or OrderStatus.Confirmed => new(Color.Green),
        ImportStatus.Running or SaleStatus.Open => new(Color.Aqua),
        ImportStatus.Paused or SaleStatus.Scheduled or OrderStatus.Queued => new(Color.Yellow),
        ImportStatus.Failed or OrderStatus.Rejected => new(Color.Red),
        ImportStatus.Cancelled or SaleStatus.Ended => new(Color.Grey),
        _ => Style.Plain,
    };
}
