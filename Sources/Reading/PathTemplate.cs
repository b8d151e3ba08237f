namespace Sluice.Sources.Reading;

/// <summary>Fills <c>{name}</c> in a path and query. A query parameter whose placeholder has no value is left out.</summary>
internal static class PathTemplate
{
    public static string Fill(string template, Func<string, string?> valueOf)
    {
        var question = template.IndexOf('?', StringComparison.Ordinal);
        if (question < 0)
            return FillPart(template, valueOf) ?? "";
        var parameters = template[(question + 1)..].Split('&').Select(parameter => FillPart(parameter, valueOf)).OfType<string>().ToList();
        var path = FillPart(template[..question], valueOf) ?? "";
        return parameters.Count == 0 ? path : $"{path}?{string.Join('&', parameters)}";
    }

    private static string? FillPart(string part, Func<string, string?> valueOf)
    {
        for (var open = part.IndexOf('{', StringComparison.Ordinal); open >= 0; open = part.IndexOf('{', open))
        {
            var close = part.IndexOf('}', open);
            if (close < 0)
                return part;
            if (valueOf(part[(open + 1)..close]) is not { } value)
                return null;
            var escaped = Uri.EscapeDataString(value);
            part = string.Concat(part.AsSpan(0, open), escaped, part.AsSpan(close + 1));
            open += escaped.Length;
            if (open >= part.Length)
                break;
        }

        return part;
    }
}
