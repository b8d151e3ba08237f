using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.RateLimiting.Outbound;

/// <summary>What tells accounts apart within one, by a request.</summary>
internal static class AccountPartition
{
    private const string Host = "Host";
    private const string Header = "Header:";
    private const int HashCharacters = 32;

    private static readonly SearchValues<char> HeaderName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <returns>What is wrong with a text, as the end of a sentence; null where it is right.</returns>
    public static string? Fault(string text) => text is "" or Host || text.StartsWith(Header, StringComparison.Ordinal)
        && text.Length > Header.Length && !text.AsSpan(Header.Length).ContainsAnyExcept(HeaderName)
            ? null
            : $"must be empty, {Host}, or {Header}NAME, not '{text}'";

    /// <returns>Null where all requests share one account.</returns>
    public static Func<HttpRequestMessage, string>? Parse(string text) => text switch
    {
        "" => null,
        Host => static request => request.RequestUri!.Authority,
        _ => request => HashOf(request, text[Header.Length..]),
    };

    private static string HashOf(HttpRequestMessage request, string header) => request.Headers.TryGetValues(header, out var values)
        ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(',', values))))[..HashCharacters]
        : "none";
}
