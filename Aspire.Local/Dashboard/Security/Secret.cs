using System.Security.Cryptography;
using System.Text;

namespace Aspire.Dashboard.Security;

/// <summary>Something that only the right people know. An empty secret is nobody's.</summary>
internal sealed class Secret(string secret)
{
    private readonly byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(secret));
    private readonly bool isEmpty = secret.Length == 0;

    /// <summary>Takes the same time for every wrong guess, whatever it is.</summary>
    public bool IsSame(string? guess) =>
        !isEmpty && !string.IsNullOrEmpty(guess) && CryptographicOperations.FixedTimeEquals(hash, SHA256.HashData(Encoding.UTF8.GetBytes(guess)));
}
