using System.Buffers;
using System.IO.Compression;

namespace Aspire.Dashboard.Otlp;

/// <summary>Reads bodies into borrowed buffers, never more than a limit.</summary>
internal static class OtlpBody
{
    /// <param name="body">The body as it comes.</param>
    /// <param name="isGzip">Whether it is packed.</param>
    /// <param name="expected">Bytes that are probably needed; at least 1.</param>
    /// <param name="max">Most bytes, unpacked.</param>
    /// <param name="cancellationToken">The sender has gone.</param>
    /// <returns>Null: it has more bytes than it may. The caller returns the buffer to the pool.</returns>
    /// <exception cref="InvalidDataException">It is not gzip.</exception>
    public static async Task<(byte[] Buffer, int Length)?> ReadAsync(Stream body, bool isGzip, int expected, int max, CancellationToken cancellationToken)
    {
        await using var content = isGzip ? new GZipStream(body, CompressionMode.Decompress, leaveOpen: true) : body;
        var buffer = ArrayPool<byte>.Shared.Rent(expected);
        var length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                    buffer = Grow(buffer);
                var read = await content.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0)
                    break;
                length += read;
                if (length > max)
                    break;
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
        if (length <= max)
            return (buffer, length);
        ArrayPool<byte>.Shared.Return(buffer);
        return null;
    }

    private static byte[] Grow(byte[] full)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * full.Length);
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
