namespace Aspire.Dashboard.Otlp;

/// <summary>What is kept of a message.</summary>
internal static class Kept
{
    /// <summary>A copy of the message; where it has more bytes than it may, without the fields that don't fit.</summary>
    public static byte[] Of(ReadOnlySpan<byte> message, int maxBytes)
    {
        if (message.Length <= maxBytes)
            return message.ToArray();

        var kept = new byte[maxBytes];
        var length = 0;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            var field = reader.Skip();
            if (length + field.Length > maxBytes)
                continue;
            field.CopyTo(kept.AsSpan(length));
            length += field.Length;
        }
        return kept[..length];
    }
}
