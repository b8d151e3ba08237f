using System.Buffers.Binary;

namespace Sluice.RateLimiting.Redis;

/// <summary>Reads the driver's answer, key by key and run by run, and decides the calls.</summary>
/// <param name="bytes">Little-endian doubles.</param>
/// <param name="sent">When the question went out: a timestamp.</param>
/// <param name="answered">When the answer came: a timestamp.</param>
/// <param name="frequency">Timestamps per second.</param>
/// <param name="lease">Makes the lease of a granted call: subject, number of the call, units. Null where none is needed.</param>
internal ref struct BatchAnswer(
    byte[] bytes, long sent, long answered, long frequency, Func<RedisLimitedKey, int, int, int, IAsyncDisposable>? lease)
{
    /// <summary>A refusal is believed for so long: less than the second within which a reset must be seen.</summary>
    private const double BelievedSeconds = 0.75;

    /// <summary>Before a subject that isn't plain; what is available is never less than nothing.</summary>
    private const int NotPlain = -1;

    private readonly long now = (long)BinaryPrimitives.ReadDoubleLittleEndian(bytes);
    private int at = sizeof(double);
    private int subject;
    private RedisLimitedKey key = null!;

    /// <summary>Whether the subject's calls were all granted at once: then nothing is told of a wait, which is what most subjects of a large batch have in common.</summary>
    private bool isPlain;

    private KeyReading reading = null!;
    private Refusal? refusal;
    private int scarcest;
    private long taken;
    private long granted;

    public void Begin(RedisLimitedKey next)
    {
        subject++;
        key = next;
        isPlain = Peek() != NotPlain;
        if (!isPlain)
            at += sizeof(double);
        var numbers = new long[next.Policy.Tiers.Count * KeyReading.NumbersPerTier];
        for (var index = 0; index < numbers.Length; index++)
            numbers[index] = isPlain && index % KeyReading.NumbersPerTier == 1 ? 0 : Next();
        reading = new KeyReading(next, now, numbers);
        scarcest = reading.Scarcest();
        (refusal, taken, granted) = (null, 0, 0);
    }

    public void Read(Run run, int first)
    {
        if (run.MaxWait > 0)
        {
            for (var number = first; number < first + run.Calls; number++)
                Decide(run, number, isGranted: Next() == 1, wait: Next(), binding: (int)Next() - 1);
            refusal = null;
            return;
        }

        var (grants, wait, binding) = isPlain ? (run.Calls, 0, -1) : ((int)Next(), Next(), (int)Next() - 1);
        for (var number = 0; number < run.Calls; number++)
            Decide(run, first + number, number < grants, number < grants ? 0 : wait, binding);
        if (run.MaxWait == 0)
            Remember(run, grants, wait, binding);
    }

    public readonly void End()
    {
        key.Refusal = refusal;
        key.Counts.Count(granted, key.Travelling.Count - granted);
    }

    private void Decide(Run run, int number, bool isGranted, long wait, int binding)
    {
        var isCharged = isGranted && run.MaxWait != Call.OnlyAsks;
        taken += isCharged ? run.Units : 0;
        granted += isGranted ? 1 : 0;
        key.Travelling[number].Decide(new RateLimitDecision(reading, isCharged ? run.Units : 0, new Verdict(
            isGranted, taken, wait, isGranted ? scarcest : binding,
            Lease: isCharged ? lease?.Invoke(key, subject, number, run.Units) : null)));
    }

    // Only what was refused after everything that was granted; and a lease may come back at any moment.
    private void Remember(Run run, int grants, long wait, int binding)
    {
        if (grants > 0)
            refusal = null;
        if (grants == run.Calls || reading.Tiers[binding].Algorithm == RateLimitAlgorithm.Concurrency)
            return;
        var until = Math.Min(sent + (long)(wait / 1e6 * frequency), answered + (long)(BelievedSeconds * frequency));
        refusal = new Refusal(reading, taken, run.Units, wait, binding, answered, until);
    }

    private readonly long Peek() => (long)BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(at));

    private long Next()
    {
        var number = Peek();
        at += sizeof(double);
        return number;
    }
}
