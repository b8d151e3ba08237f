using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Sluice.Gateway.Clients;

/// <summary>
/// Finds a client by its key. The lookup goes by the front of the key's SHA-256 and the rest is compared in constant time, so that
/// timing tells nothing about registered keys that would help to guess one. Follows edits of the settings. Thread-safe.
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
    }

    /// <summary>Null if no client has this key.</summary>
    public Caller? Find(ReadOnlySpan<char> key)
    {
        var clients = state.ByHash;
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

    /// <summary>Null if no client has this name, whose case doesn't matter.</summary>
    public Caller? FindByName(string name) => state.ByName.GetValueOrDefault(name);

    public void Dispose() => edits?.Dispose();

    private static ulong Front(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt64LittleEndian(hash);
}
