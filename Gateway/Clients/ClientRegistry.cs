using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Sluice.Gateway.Clients;

/// <summary>
/// Finds a client by its key. The lookup goes by the front of the key's SHA-256 and the rest is compared in constant time, so that
/// timing tells nothing about registered keys that would help to guess one.
/// </summary>
public sealed class ClientRegistry(IOptions<ClientsOptions> options)
{
    private const int LongestKey = 256;

    private readonly FrozenDictionary<ulong, (byte[] Hash, Caller Caller)[]> clients = options.Value
        .Select(client => (Hash: Convert.FromHexString(client.Value.KeySha256), Caller: Caller.Registered(client.Key, [.. client.Value.Roles])))
        .GroupBy(client => Front(client.Hash))
        .ToFrozenDictionary(same => same.Key, same => same.ToArray());

    /// <summary>Null if no client has this key.</summary>
    public Caller? Find(ReadOnlySpan<char> key)
    {
        if (key.Length is 0 or > LongestKey || clients.Count == 0)
            return null;

        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(LongestKey)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(key, bytes)], hash);
        if (!clients.TryGetValue(Front(hash), out var candidates))
            return null;

        foreach (var (registered, caller) in candidates)
            if (CryptographicOperations.FixedTimeEquals(registered, hash))
                return caller;
        return null;
    }

    private static ulong Front(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);
}
