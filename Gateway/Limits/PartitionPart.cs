using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Sluice.Gateway.Clients;

namespace Sluice.Gateway.Limits;

internal enum PartitionKind
{
    Client,
    Ip,
    Header,
    Route,
}

/// <summary>One part of what a policy counts by.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Header">The header's name, for that kind.</param>
internal readonly record struct PartitionPart(PartitionKind Kind, string? Header = null)
{
    private const string HeaderWord = "Header:";
    private const string HeaderPrefix = "header:";
    private const string RoutePrefix = "route:";
    private const string HashPrefix = "sha256:";
    private const int LongestText = 64;
    private const int HashBytes = 16;

    private static readonly SearchValues<char> plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private static readonly SearchValues<char> ofHeaderNames =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*-.^_`|~");

    public static bool TryParse(string word, out PartitionPart part, [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        part = default;
        if (word.StartsWith(HeaderWord, StringComparison.OrdinalIgnoreCase))
        {
            var name = word[HeaderWord.Length..];
            if (name.Length is 0 or > LongestText || name.AsSpan().ContainsAnyExcept(ofHeaderNames))
                fault = $"must name a header of 1 to {LongestText} characters after '{HeaderWord}', is '{word}'";
            else if (name.Equals(CallerIdentity.KeyHeader, StringComparison.OrdinalIgnoreCase))
                fault = $"must not count by {CallerIdentity.KeyHeader}, which anybody can make up: 'Client' counts by registered keys";
            part = new(PartitionKind.Header, name.ToLowerInvariant());
        }
        else if (!word.All(char.IsAsciiLetter) || !Enum.TryParse(word, ignoreCase: true, out PartitionKind kind) || kind == PartitionKind.Header)
            fault = $"must be made of Client, Ip, Header:NAME and Route with '{Partition.Separator}' between, is '{word}'";
        else
            part = new(kind);

        return fault is null;
    }

    public string TextOf(HttpContext context, Caller caller, string route) => Kind switch
    {
        PartitionKind.Client => caller.Partition,
        PartitionKind.Ip => AddressPartition.Of(context.Connection.RemoteIpAddress),
        PartitionKind.Header => OfHeader(context),
        _ => RoutePrefix + Bounded(route),
    };

    /// <summary>The text of what somebody describes; null if it describes nobody.</summary>
    public string? Resolve(string text, ClientRegistry clients) => Kind switch
    {
        PartitionKind.Client => ClientOf(text, clients)?.Partition ?? AddressOf(text),
        PartitionKind.Ip => AddressOf(text),
        PartitionKind.Header => text.StartsWith(AddressPartition.Prefix, StringComparison.OrdinalIgnoreCase) ? AddressOf(text) : Described(HeaderPrefix, text),
        _ => Described(RoutePrefix, text),
    };

    public static Caller? ClientOf(string text, ClientRegistry clients) =>
        clients.FindByName(text.StartsWith(Caller.Prefix, StringComparison.OrdinalIgnoreCase) ? text[Caller.Prefix.Length..] : text);

    /// <summary>Leaving the header out must open no budget, neither a fresh one nor one that is shared with strangers.</summary>
    private string OfHeader(HttpContext context)
    {
        var value = context.Request.Headers[Header!].ToString();
        return value.Length == 0 ? AddressPartition.Of(context.Connection.RemoteIpAddress) : HeaderPrefix + Bounded(value);
    }

    private static string? AddressOf(string text) => AddressPartition.TryParse(text, out var partition) ? partition : null;

    private static string? Described(string prefix, string text)
    {
        var value = text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? text[prefix.Length..] : text;
        return value.Length == 0 ? null : prefix + (IsHash(value) ? value : Bounded(value));
    }

    private static bool IsHash(string text) =>
        text.Length == HashPrefix.Length + HashBytes * 2 && text.StartsWith(HashPrefix, StringComparison.Ordinal)
        && text.Skip(HashPrefix.Length).All(char.IsAsciiHexDigitLower);

    /// <summary>A text that is short and plain as it is, any other as the front of its SHA-256: neither long keys nor forged separators.</summary>
    private static string Bounded(string text)
    {
        if (text.Length <= LongestText && !text.AsSpan().ContainsAnyExcept(plain))
            return text;

        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)), hash);
        ArrayPool<byte>.Shared.Return(bytes);
        return HashPrefix + Convert.ToHexStringLower(hash[..HashBytes]);
    }
}
