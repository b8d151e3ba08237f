using System.Buffers.Binary;
using System.Buffers.Text;

namespace Sluice.ItemApi.Items;

/// <summary>
/// Where a page ended, as callers carry it: version, last id and a checksum in base64url. The checksum is against accidents (a cut or mistyped
/// cursor must not silently skip items), not against forgery: a forged cursor reads nothing that a page number doesn't.
/// </summary>
public static class ItemCursor
{
    private const byte Version = 1;
    private const int ChecksumAt = 9;
    private const int Size = 13;

    public static string After(long id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], id);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[ChecksumAt..], Checksum(bytes[..ChecksumAt]));
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryRead(string cursor, out long afterId)
    {
        afterId = 0;
        Span<byte> bytes = stackalloc byte[Size];
        if (cursor.Length != Base64Url.GetEncodedLength(Size)
            || !Base64Url.TryDecodeFromChars(cursor, bytes, out var written)
            || written != Size
            || bytes[0] != Version
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[ChecksumAt..]) != Checksum(bytes[..ChecksumAt]))
            return false;

        afterId = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        return afterId >= 0;
    }

    /// <summary>FNV-1a, 32 bits.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261;
        foreach (var b in bytes)
            hash = unchecked((hash ^ b) * 16777619);
        return hash;
    }
}
