using System.Buffers.Binary;

namespace Sluice.RateLimiting.Redis;

/// <summary>Writes the numbers that scripts are told: little-endian doubles.</summary>
internal ref struct Doubles(int count)
{
    private readonly byte[] bytes = new byte[count * sizeof(double)];
    private int at;

    public Doubles(IReadOnlyList<RateLimitTier> tiers)
        : this(3 * tiers.Count)
    {
        foreach (var (permits, window, capacity) in tiers.Select(tier => tier.Numbers()))
        {
            Write(permits);
            Write(window);
            Write(capacity);
        }
    }

    public readonly byte[] Bytes => bytes;

    public void Write(double number)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(at), number);
        at += sizeof(double);
    }

    public void Write(RateLimitPolicy policy)
    {
        policy.Numbers.CopyTo(bytes.AsSpan(at));
        at += policy.Numbers.Length;
    }
}
