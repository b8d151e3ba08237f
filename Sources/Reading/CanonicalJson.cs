using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Sluice.Sources.Reading;

/// <summary>
/// JSON in one form, after RFC 8785: without white space, names in the order of their UTF-16 units, of a name that comes twice the last,
/// text escaped in one way. Numbers of up to 28 characters without an exponent are written by value (1.0 is 1); others stay as they came.
/// </summary>
internal static class CanonicalJson
{
    public static ReadOnlySpan<byte> Of(JsonElement element)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
            Write(element, writer);
        return bytes.WrittenSpan;
    }

    private static void Write(JsonElement element, Utf8JsonWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject().GroupBy(property => property.Name, StringComparer.Ordinal).OrderBy(same => same.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Key);
                    Write(property.Last().Value, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var value in element.EnumerateArray())
                    Write(value, writer);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(Number(element.GetRawText()), skipInputValidation: true);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    // Up to 28 digits a decimal is exact; rounded, two numbers could become one. The division takes zeros at the end away.
    private static string Number(string text) =>
        text.Length <= 28 && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? (value / 1.000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)
            : text;
}
