using System.Diagnostics.CodeAnalysis;
using Sluice.Gateway.Clients;

namespace Sluice.Gateway.Limits;

/// <summary>
/// What a policy counts by: one part or a mix, <c>Client</c>, <c>Ip</c>, <c>Header:NAME</c>, <c>Route</c> with <c>+</c> between. A
/// partition's key has one text per part, in the same order and with <c>+</c> between; no part can hold one, nor look like a part of
/// another kind. Immutable, thread-safe.
/// </summary>
internal sealed class Partition
{
    public const char Separator = '+';

    private readonly PartitionPart[] parts;

    private Partition(PartitionPart[] parts)
    {
        this.parts = parts;
        CountsClients = parts.Any(part => part.Kind == PartitionKind.Client);
    }

    /// <summary>Whether each registered client is counted apart from the others.</summary>
    public bool CountsClients { get; }

    /// <param name="text">As it is configured.</param>
    /// <param name="partition">Null if the text is faulty.</param>
    /// <param name="fault">What is wrong, as the end of a sentence.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Partition? partition, [NotNullWhen(false)] out string? fault)
    {
        partition = null;
        var parts = new List<PartitionPart>();
        foreach (var word in text.Split(Separator, StringSplitOptions.TrimEntries))
        {
            if (!PartitionPart.TryParse(word, out var part, out fault))
                return false;
            if (parts.Contains(part))
            {
                fault = $"must not name '{word}' twice";
                return false;
            }

            parts.Add(part);
        }

        (partition, fault) = (new([.. parts]), null);
        return true;
    }

    /// <exception cref="ArgumentException">The text is faulty.</exception>
    public static Partition Parse(string text) =>
        TryParse(text, out var partition, out var fault) ? partition : throw new ArgumentException($"A partition {fault}.", nameof(text));

    /// <summary>The key of a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="caller">Who sends it.</param>
    /// <param name="route">The route that it goes by.</param>
    public string KeyOf(HttpContext context, Caller caller, string route)
    {
        if (parts.Length == 1)
            return parts[0].TextOf(context, caller, route);
        var texts = new string[parts.Length];
        for (var index = 0; index < texts.Length; index++)
            texts[index] = parts[index].TextOf(context, caller, route);
        return string.Join(Separator, texts);
    }

    /// <summary>The key that somebody describes: the text of each part, which may lack the word in front that says of which kind it is.</summary>
    /// <returns>Null if it is not the key of any caller.</returns>
    public ResolvedPartition? Resolve(string text, ClientRegistry clients)
    {
        var texts = text.Split(Separator);
        if (texts.Length != parts.Length)
            return null;

        Caller? client = null;
        for (var index = 0; index < parts.Length; index++)
        {
            if (parts[index].Resolve(texts[index], clients) is not { } known)
                return null;
            texts[index] = known;
            if (parts[index].Kind == PartitionKind.Client)
                client = PartitionPart.ClientOf(known, clients);
        }

        return new(string.Join(Separator, texts), client);
    }
}

/// <summary>A partition that somebody asked for.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Client">The registered client that it belongs to, if any.</param>
internal readonly record struct ResolvedPartition(string Key, Caller? Client);
