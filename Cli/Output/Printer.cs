using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Sluice.Cli.Output;

/// <summary>Writes results: in colour to a terminal, plainly to anything else, as JSON where that is asked for.</summary>
internal sealed class Printer
{
    // Nothing of it goes into a page: a plus may stay one.
    private static readonly JsonSerializerOptions compact = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions indented = new(compact) { WriteIndented = true };

    private readonly Surroundings surroundings;

    public Printer(Surroundings surroundings, bool isJson)
    {
        (this.surroundings, IsJson) = (surroundings, isJson);
        IsLive = surroundings.IsTerminal && !isJson;
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = IsLive ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = IsLive && surroundings.Setting("NO_COLOR") is null ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsLive ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(surroundings.Output),
        });
    }

    public bool IsJson { get; }

    /// <summary>Whether lines may be drawn over.</summary>
    public bool IsLive { get; }

    public IAnsiConsole Console { get; }

    /// <summary>One document.</summary>
    public void Document(JsonElement document) => surroundings.Output.WriteLine(JsonSerializer.Serialize(document, indented));

    /// <summary>One of several documents.</summary>
    public void DocumentLine(JsonElement document)
    {
        surroundings.Output.WriteLine(JsonSerializer.Serialize(document, compact));
        surroundings.Output.Flush();
    }

    public void Line(string text)
    {
        surroundings.Output.WriteLine(text);
        surroundings.Output.Flush();
    }

    /// <summary>Something to know that is no result.</summary>
    public void Note(string text) => surroundings.Error.WriteLine(text);

    /// <summary>Names and what they are, below each other.</summary>
    public void Facts(IEnumerable<(string Name, string Value)> facts)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
        foreach (var (name, value) in facts)
        {
            if (IsLive)
                grid.AddRow(new Text(name, new Style(Color.Grey)), new Text(value));
            else
                Line($"{name,-12}  {value}");
        }

        if (IsLive)
            Console.Write(grid);
    }

    /// <summary>Rows under headings; numbers stand right.</summary>
    /// <param name="headings">One that begins with &gt; is of numbers.</param>
    public void Table(string[] headings, IReadOnlyList<string[]> rows)
    {
        if (IsLive)
            Console.Write(TextTable.Styled(headings, rows));
        else
            foreach (var line in TextTable.Plain(headings, rows))
                Line(line);
    }

    /// <summary>A page of a list, and where it goes on.</summary>
    /// <param name="page">As the gateway gave it.</param>
    /// <param name="row">Its cells, for people.</param>
    /// <param name="none">What to say where it is empty.</param>
    public ExitCode Page(JsonElement page, string[] headings, Func<JsonElement, string[]> row, string none)
    {
        if (IsJson)
        {
            Document(page);
            return ExitCode.Ok;
        }

        var rows = page.GetProperty("data").EnumerateArray().Select(row).ToList();
        if (rows.Count == 0)
            Note(none);
        else
            Table(headings, rows);
        if (page.TryGetProperty("nextCursor", out var next) && next.GetString() is { } cursor)
            Note($"There are more: --cursor {cursor}");
        return ExitCode.Ok;
    }
}
