using System.Text;

namespace Aspire.Dashboard.Otlp;

/// <summary>Texts that come again and again, kept once. One thread's.</summary>
internal sealed class Names
{
    private const int MaxLength = 256;
    private const int MaxCount = 10_000;

    private readonly HashSet<string> known = [];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxLength)
            return Encoding.UTF8.GetString(utf8[..MaxLength]) + "…";
        Span<char> text = stackalloc char[MaxLength];
        text = text[..Encoding.UTF8.GetChars(utf8, text)];
        if (known.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var name))
            return name;
        if (known.Count == MaxCount)
            known.Clear();
        known.Add(name = text.ToString());
        return name;
    }
}
