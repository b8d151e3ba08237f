using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Sluice.Contracts;
using Sluice.Sources.Options;

namespace Sluice.ImportOrchestrator.Backfills;

/// <summary>Reads POST /backfills whatever its content type, and names each field that is wrong.</summary>
internal sealed class StartBackfillRequest(SourceCatalog sources, IOptions<BackfillOptions> options, TimeProvider time)
{
    private const string Example = """{"source":"records","from":"2025-01-01","to":"2025-12-31"}""";

    /// <summary>The time zone that is the furthest ahead: a day that has begun nowhere can have no records yet.</summary>
    private static readonly TimeSpan FirstMidnight = TimeSpan.FromHours(14);

    /// <returns>The request, or null and what is wrong with it by field.</returns>
    public async Task<(StartBackfill? Request, Dictionary<string, string[]> Errors)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        Dictionary<string, string[]> errors = [];
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, default, cancellationToken);
            return (Read(document.RootElement, errors), errors);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter: a text in it is none, but half a surrogate pair.
            errors["body"] = [$"This is no JSON. A source and its days are needed, as in {Example}. {exception.Message}"];
            return (null, errors);
        }
    }

    private StartBackfill? Read(JsonElement body, Dictionary<string, string[]> errors)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            errors["body"] = [$"A JSON object is needed, as in {Example}."];
            return null;
        }

        var source = ReadSource(body, errors);
        var from = ReadDay(body, "from", errors);
        var to = ReadDay(body, "to", errors);
        if (from is { } first && to is { } last && FaultOf(first, last) is { } fault)
            errors["to"] = [fault];
        return errors.Count == 0 ? new StartBackfill(source!, from!.Value, to!.Value) : null;
    }

    private string? ReadSource(JsonElement body, Dictionary<string, string[]> errors)
    {
        var known = string.Join(", ", sources.Names(SourceKind.Days));
        var source = Text(body, "source");
        if (source is null)
            errors["source"] = [$"A text is needed, one of: {known}."];
        else if (sources.Find(source) is { Options.Kind: SourceKind.Items })
            errors["source"] = [$"'{source}' has no list for every day: POST /imports takes it."];
        else if (sources.Find(source) is null)
            errors["source"] = [$"There is no such source '{source}'. There are: {known}."];
        return source;
    }

    private static DateOnly? ReadDay(JsonElement body, string field, Dictionary<string, string[]> errors)
    {
        if (DateOnly.TryParseExact(Text(body, field), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day;
        errors[field] = ["A day is needed, as in \"2025-01-31\"."];
        return null;
    }

    private string? FaultOf(DateOnly from, DateOnly to)
    {
        var latest = DateOnly.FromDateTime((time.GetUtcNow() + FirstMidnight).UtcDateTime);
        return to < from ? string.Create(CultureInfo.InvariantCulture, $"The last day must not be before the first, {from:yyyy-MM-dd}.")
            : to.DayNumber - from.DayNumber >= options.Value.MaxDays ? $"A backfill has {options.Value.MaxDays} days at the most: take several."
            : to > latest ? string.Create(CultureInfo.InvariantCulture, $"The last day must have begun: {latest:yyyy-MM-dd} at the latest.")
            : null;
    }

    private static string? Text(JsonElement body, string field) =>
        body.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
