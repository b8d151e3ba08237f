using System.Buffers.Binary;
using System.Security.Cryptography;
using Npgsql;

namespace Sluice.ItemApi.Orders;

/// <summary>
/// Makes the ids of orders and knows them again. Nothing is written when an order is accepted, and yet its buyer may ask for it before a
/// worker has come to it: so the id carries its own proof, and an id of ours without a row is an order in the queue. Whose proof fails
/// was never given to anybody.
/// <para>
/// A UUID of version 7: 48 bits of time, 42 random bits, and as the last 32 bits the front of HMAC-SHA256 over those before. The secret is
/// the database's, so that all processes make and know the same ids. To hit upon an id that passes takes four billion guesses on average.
/// </para>
/// </summary>
internal sealed class OrderIds(NpgsqlDataSource database, TimeProvider time) : IHostedService
{
    private const int ProofAt = 12;
    private const int Size = 16;

    private byte[] secret = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select secret from order_id_secret");
        secret = (byte[])(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Guid Next()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Guid.CreateVersion7(time.GetUtcNow()).TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[ProofAt..], ProofOf(bytes));
        return new Guid(bytes, bigEndian: true);
    }

    /// <param name="placedAt">When it was made.</param>
    public bool IsOurs(Guid id, out DateTimeOffset placedAt)
    {
        Span<byte> bytes = stackalloc byte[Size];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        placedAt = default;
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[ProofAt..]) != ProofOf(bytes))
            return false;
        placedAt = DateTimeOffset.FromUnixTimeMilliseconds((long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16));
        return true;
    }

    private uint ProofOf(ReadOnlySpan<byte> id)
    {
        Span<byte> proof = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, id[..ProofAt], proof);
        return BinaryPrimitives.ReadUInt32BigEndian(proof);
    }
}
