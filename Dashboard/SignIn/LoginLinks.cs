using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Sluice.Dashboard.SignIn;

/// <summary>Links that sign in, each once. Tokens are kept as hashes only. Thread-safe.</summary>
internal sealed class LoginLinks(UsedLinks used, IOptions<DashboardOptions> options, TimeProvider time)
{
    public const string Path = "/login";

    /// <summary>Links that nobody has used yet; beyond that the oldest goes.</summary>
    private const int Most = 100;
    private const int TokenBytes = 32;

    private readonly Lock sync = new();
    private readonly List<(string Hash, DateTimeOffset? Ends)> open = [];

    /// <summary>The configured token where nobody has used it yet, else a new one. It can be used while the process lives.</summary>
    public string CreateFirst()
    {
        var token = options.Value.LoginToken is { } configured && !used.Contains(HashOf(configured)) ? configured : NewToken();
        Add(token, ends: null);
        return token;
    }

    /// <returns>A token that can be used once until the given time.</returns>
    public (string Token, DateTimeOffset Ends) Create()
    {
        var token = NewToken();
        var ends = time.GetUtcNow() + options.Value.LinkLifetime;
        Add(token, ends);
        return (token, ends);
    }

    /// <summary>True once for each token, and in time.</summary>
    public bool TryUse(string token)
    {
        var hash = HashOf(token);
        lock (sync)
        {
            var index = open.FindIndex(link => link.Hash == hash);
            if (index < 0)
                return false;
            var ends = open[index].Ends;
            open.RemoveAt(index);
            return (ends is null || time.GetUtcNow() < ends) && used.TryAdd(hash);
        }
    }

    private void Add(string token, DateTimeOffset? ends)
    {
        lock (sync)
        {
            var now = time.GetUtcNow();
            open.RemoveAll(link => link.Ends <= now);
            if (open.Count == Most)
                open.RemoveAt(0);
            open.Add((HashOf(token), ends));
        }
    }

    private static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));

    private static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
