using System.Globalization;
using System.Text.Json;

namespace Sluice.Sources.Reading;

/// <summary>Reads fields by dotted path. What doesn't fit is a fault of the source that no further attempt can change.</summary>
internal static class JsonFields
{
    private const int LongestId = 500;

    public static JsonElement? Find(this JsonElement element, string path)
    {
        if (path.Length == 0)
            return element;
        foreach (var name in path.Split('.'))
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        return element.ValueKind == JsonValueKind.Null ? null : element;
    }

    public static JsonElement Array(this JsonElement element, string path) =>
        element.Find(path) is { ValueKind: JsonValueKind.Array } array
            ? array
            : throw Misfit(path.Length == 0 ? "the body is not an array" : $"'{path}' is not an array");

    /// <summary>A string or a number, not empty and not too long for an index.</summary>
    public static string Id(this JsonElement element, string path) => element.Find(path) switch
    {
        { ValueKind: JsonValueKind.String } text when text.Text(path) is { Length: > 0 and <= LongestId } id => id,
        { ValueKind: JsonValueKind.Number } number when number.GetRawText() is { Length: <= LongestId } id => id,
        { } other => throw Misfit($"'{path}' is not an id of 1 to {LongestId} characters: {Shortened(other.GetRawText())}"),
        null => throw Misfit($"'{path}' is missing"),
    };

    public static string? Text(this JsonElement element, string path, bool required)
    {
        var found = element.Find(path);
        if (found is null && required)
            throw Misfit($"'{path}' is missing");
        return found is { } field ? field.ValueKind == JsonValueKind.String ? field.Text(path) : field.GetRawText() : null;
    }

    /// <summary>A number, or a string that is one.</summary>
    public static decimal Decimal(this JsonElement element, string path) => element.Find(path) switch
    {
        null => throw Misfit($"'{path}' is missing"),
        { ValueKind: JsonValueKind.Number } number when number.TryGetDecimal(out var value) => value,
        { ValueKind: JsonValueKind.String } text when decimal.TryParse(text.Text(path), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
        { } other => throw Misfit($"'{path}' is not a number that can be kept: {Shortened(other.GetRawText())}"),
    };

    public static SourceException Misfit(string reason) => new(SourceFault.Permanent, reason);

    // PostgreSQL's text has no U+0000, and a lone surrogate is no text at all.
    private static string Text(this JsonElement element, string path)
    {
        try
        {
            return element.GetString()!.Replace('\0', '\uFFFD');
        }
        catch (InvalidOperationException exception)
        {
            throw new SourceException(SourceFault.Permanent, $"'{path}' is not Unicode text", exception);
        }
    }

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "...";
}
