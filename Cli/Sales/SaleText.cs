using Sluice.Cli.Output;
using Sluice.Contracts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sluice.Cli.Sales;

/// <summary>A sale in words.</summary>
internal static class SaleText
{
    /// <summary>Columns beside the bar.</summary>
    private const int Room = 40;

    public static string[] Headings { get; } = ["id", "sku", "status", ">left", ">of", ">confirmed", ">rejected", ">queued", ">revenue", "starts"];

    public static string[] RowOf(SaleSnapshot sale) =>
    [
        sale.Id.ToString(), sale.Sku, sale.Status, Words.Count(sale.StockLeft), Words.Count(sale.Stock), Words.Count(sale.Confirmed),
        Words.Count(sale.Rejected), Words.Count(sale.Queued), Words.Money(sale.Revenue), Words.Moment(sale.StartsAt),
    ];

    public static string LineOf(SaleSnapshot sale) =>
        $"{StateOf(sale)}  {Words.Count(sale.StockLeft)}/{Words.Count(sale.Stock)} left  {OrdersOf(sale)}";

    public static IRenderable FrameOf(SaleSnapshot sale, IAnsiConsole console)
    {
        var color = sale.StockLeft == 0 ? Color.Green : Color.Aqua;
        return new Rows(
            new Grid().AddColumns([.. Enumerable.Range(0, 3).Select(_ => new GridColumn().NoWrap())]).AddRow(
                new Text(StateOf(sale), Styles.Of(sale.Status)),
                Bar.Of(sale.Stock == 0 ? 0 : (double)sale.StockLeft / sale.Stock, color, console, Room),
                new Text($"{Words.Count(sale.StockLeft)} of {Words.Count(sale.Stock)} {sale.Sku} left")),
            new Text(OrdersOf(sale)));
    }

    /// <summary>Nothing more happens to it, but for cancellations.</summary>
    public static bool IsOver(SaleSnapshot sale) => (sale.Status == SaleStatus.Ended || sale.StockLeft == 0) && sale.Queued == 0;

    private static string StateOf(SaleSnapshot sale) => sale is { Status: SaleStatus.Open, StockLeft: 0 } ? "sold out" : sale.Status;

    private static string OrdersOf(SaleSnapshot sale) =>
        $"{Words.Count(sale.Confirmed)} confirmed  {Words.Count(sale.Rejected)} rejected  {Words.Count(sale.Queued)} queued  {Words.Money(sale.Revenue)} revenue";
}
