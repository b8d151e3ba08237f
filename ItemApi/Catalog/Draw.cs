namespace Sluice.ItemApi.Catalog;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014), started from a seed and an id: fixed for ever, unlike <see cref="Random"/>.</summary>
internal struct Draw(int seed, long id)
{
    private ulong state = unchecked(((ulong)seed * 0xD1B54A32D192ED03) ^ ((ulong)id * 0x9E3779B97F4A7C15));

    public int Below(int bound) => (int)((Next() >> 32) * (ulong)bound >> 32);

    /// <summary>0 or more, and below 1.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    public T From<T>(T[] choices) => choices[Below(choices.Length)];

    private ulong Next()
    {
        unchecked
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
