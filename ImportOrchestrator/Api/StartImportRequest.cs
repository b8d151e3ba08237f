using System.Text.Json;
using Sluice.Contracts;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>Reads POST /imports whatever its content type, and names each field that is wrong.</summary>
internal static class StartImportRequest
{
    /// <returns>The request, or null and what is wrong with it by field.</returns>
    public static async Task<(StartImport? Request, Dictionary<string, string[]> Errors)> ReadAsync(
        HttpRequest request, SourceCatalog sources, CancellationToken cancellationToken)
    {
        Dictionary<string, string[]> errors = [];
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, default, cancellationToken);
            return (Read(document.RootElement, sources, errors), errors);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter: a text in it is none, but half a surrogate pair.
            errors["body"] = [$"This is no JSON. A source is needed, as in {{\"source\":\"items\"}}. {exception.Message}"];
            return (null, errors);
        }
    }

    private static StartImport? Read(JsonElement body, SourceCatalog sources, Dictionary<string, string[]> errors)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            errors["body"] = ["A JSON object is needed, as in {\"source\":\"items\"}."];
            return null;
        }

        var source = body.TryGetProperty("source", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : null;
        if (source is null)
            errors["source"] = [$"A text is needed, one of: {string.Join(", ", sources.Names(SourceKind.Items))}."];
        else if (sources.Find(source) is { Options.Kind: SourceKind.Days })
            errors["source"] = [$"'{source}' has a list for every day: POST /backfills takes it."];
        else if (sources.Find(source) is null)
            errors["source"] = [$"There is no source '{source}'. There are: {string.Join(", ", sources.Names(SourceKind.Items))}."];

        var fresh = body.TryGetProperty("fresh", out var value) ? value.ValueKind : JsonValueKind.False;
        if (fresh is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null))
            errors["fresh"] = ["true or false is needed."];

        return errors.Count == 0 ? new StartImport(source!, fresh == JsonValueKind.True) : null;
    }
}
