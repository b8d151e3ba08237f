using Spectre.Console;

namespace Sluice.Cli.Output;

/// <summary>Rows under headings. A heading that begins with &gt; is of numbers, which stand right.</summary>
internal static class TextTable
{
    private const char OfNumbers = '>';

    public static Table Styled(string[] headings, IReadOnlyList<string[]> rows)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var heading in headings)
        {
            var column = new TableColumn(new Text(heading.TrimStart(OfNumbers), new Style(Color.Grey))) { NoWrap = true, Padding = new Padding(0, 0, 3, 0) };
            table.AddColumn(heading[0] == OfNumbers ? column.RightAligned() : column);
        }

        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(cell, Styles.Of(cell))));
        return table;
    }

    public static IEnumerable<string> Plain(string[] headings, IReadOnlyList<string[]> rows)
    {
        string[][] all = [[.. headings.Select(heading => heading.TrimStart(OfNumbers).ToUpperInvariant())], .. rows];
        var widths = headings.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
            yield return string.Join("  ", row.Select((cell, column) =>
                headings[column][0] == OfNumbers ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd();
    }
}
