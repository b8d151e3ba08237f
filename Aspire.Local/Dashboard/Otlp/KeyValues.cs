using System.Globalization;
using System.Text;

namespace Aspire.Dashboard.Otlp;

/// <summary>Attributes, read when somebody looks at them.</summary>
internal static class KeyValues
{
    private const int MaxDepth = 8;

    /// <param name="message">A message that holds attributes.</param>
    /// <param name="field">The number under which it holds them.</param>
    public static List<KeyValuePair<string, string>> Read(ReadOnlySpan<byte> message, int field)
    {
        List<KeyValuePair<string, string>> attributes = [];
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.Field == field)
                attributes.Add(ReadPair(reader.Bytes(), 0));
            else
                reader.Skip();
        }
        return attributes;
    }

    /// <summary>An AnyValue as people read it.</summary>
    public static string Text(ReadOnlySpan<byte> anyValue, int depth = 0)
    {
        var reader = new WireReader(anyValue);
        var text = "";
        while (reader.Next())
        {
            text = reader.Field switch
            {
                1 => Encoding.UTF8.GetString(reader.Bytes()),
                2 => reader.Varint() == 0 ? "false" : "true",
                3 => ((long)reader.Varint()).ToString(CultureInfo.InvariantCulture),
                4 => reader.Double().ToString(CultureInfo.InvariantCulture),
                5 => $"[{string.Join(", ", Parts(reader.Bytes(), depth, pairs: false))}]",
                6 => $"{{{string.Join(", ", Parts(reader.Bytes(), depth, pairs: true))}}}",
                7 => Convert.ToHexStringLower(reader.Bytes()),
                _ => reader.Skip().IsEmpty ? text : text,
            };
        }
        return text;
    }

    private static KeyValuePair<string, string> ReadPair(ReadOnlySpan<byte> pair, int depth)
    {
        var reader = new WireReader(pair);
        string key = "", value = "";
        while (reader.Next())
        {
            if (reader.Field == 1)
                key = Encoding.UTF8.GetString(reader.Bytes());
            else if (reader.Field == 2)
                value = Text(reader.Bytes(), depth);
            else
                reader.Skip();
        }
        return new(key, value);
    }

    private static List<string> Parts(ReadOnlySpan<byte> list, int depth, bool pairs)
    {
        List<string> parts = [];
        if (depth == MaxDepth)
            return parts;
        var reader = new WireReader(list);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }
            var part = reader.Bytes();
            var (key, value) = pairs ? ReadPair(part, depth + 1) : new("", Text(part, depth + 1));
            parts.Add(pairs ? $"{key}: {value}" : value);
        }
        return parts;
    }
}
