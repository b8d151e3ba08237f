using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Sluice.Gateway.Clients;

/// <summary>
/// Finds a client by its key. The lookup goes by the front of the key's SHA-256 and the rest is compared in constant time, so that
/// timing tells nothing about registered keys that would help to guess one. A key that was found once is remembered, under a hash that is random in each
/// process and compared in constant time too: SHA-256 would be what costs the gateway most with every request. Follows edits of the settings. Thread-safe.
/// </summary>
public sealed class ClientRegistry : IDisposable
{
    private const int LongestKey = 256;

    private readonly IDisposable? edits;
    private volatile State state;

    public ClientRegistry(IOptionsMonitor<ClientsOptions> options)
    {
        state = new State(options.CurrentValue);
        edits = options.OnChange(edited => state = new State(edited));
    }

    private sealed class State
    {
        public State(ClientsOptions options)
        {
            ByName = options.ToFrozenDictionary(
                client => client.Key, client => Caller.Registered(client.Key, [.. client.Value.Roles]), StringComparer.OrdinalIgnoreCase);
            ByHash = options
                .Select(client => (Hash: Convert.FromHexString(client.Value.KeySha256), Caller: ByName[client.Key]))
                .GroupBy(client => Front(client.Hash))
                .ToFrozenDictionary(same => same.Key, same => same.ToArray());
        }

        public FrozenDictionary<ulong, (byte[] Hash, Caller Caller)[]> ByHash { get; }

        public FrozenDictionary<string, Caller> ByName { get; }

        /// <summary>Never more than there are registered keys.</summary>
        public ConcurrentDictionary<int, (string Key, Caller Caller)> Found { get; } = new();
    }

    /// <summary>Null if no client has this key.</summary>
    public Caller? Find(ReadOnlySpan<char> key)
    {
        var current = state;
        if (key.Length is 0 or > LongestKey || current.ByHash.Count == 0)
            return null;

        var mark = string.GetHashCode(key);
        if (current.Found.TryGetValue(mark, out var found)
            && CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(found.Key.AsSpan()), MemoryMarshal.AsBytes(key)))
            return found.Caller;
        if (FindByHash(key, current) is not { } caller)
            return null;
        current.Found[mark] = (key.ToString(), caller);
        return caller;
    }

    /// <summary>Null if no client has this name, whose case doesn't matter.</summary>
    public Caller? FindByName(string name) => state.ByName.GetValueOrDefault(name);

    public void Dispose() => edits?.Dispose();

    private static Caller? FindByHash(ReadOnlySpan<char> key, State state)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(LongestKey)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(key, bytes)], hash);
        if (!state.ByHash.TryGetValue(Front(hash), out var candidates))
            return null;

        foreach (var (registered, caller) in candidates)
            if (CryptographicOperations.FixedTimeEquals(registered, hash))
                return caller;
        return null;
    }

    private static ulong Front(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);
}
