using System.Buffers.Binary;

namespace Sluice.RateLimiting.Redis;

/// <summary>Writes the numbers that scripts are told: little-endian doubles.</summary>
internal ref struct Doubles(int count)
{
    private readonly byte[] bytes = new byte[count * sizeof(double)];
    private int at;

    public readonly byte[] Bytes => bytes;

    public void Write(double number)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(at), number);
        at += sizeof(double);
    }

    public void Write(RateLimitPolicy policy)
    {
        foreach (var tier in policy.Tiers)
        {
            Write(tier.Permits);
            Write(tier.WindowMicroseconds);
            Write(tier.Capacity);
        }
    }
}
