using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sluice.ItemApi.Sales;

/// <summary>Reads the fields of an operator's JSON object, and keeps what is wrong by field. A field that isn't known is a fault: it may be a misspelt one.</summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> faults = [];

    public static async Task<JsonFields> ReadAsync(HttpRequest request, string[] known, CancellationToken cancellationToken)
    {
        var fields = new JsonFields();
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, default, cancellationToken);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                fields.Take(document.RootElement, known);
            else
                fields.Fault("body", "The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            fields.Fault("body", $"The body is not JSON. {e.Message}");
        }

        return fields;
    }

    public void Fault(string field, string fault) => faults[field] = [fault];

    public ValidationProblem? Problem() => faults.Count == 0 ? null
        : TypedResults.ValidationProblem(faults, detail: string.Join(' ', faults.Values.SelectMany(texts => texts)));

    public long? Whole(string field, long least, long most, bool isNeeded = false)
    {
        if (!IsGiven(field, isNeeded, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most)
            return number;
        Fault(field, string.Create(CultureInfo.InvariantCulture, $"{field} must be a whole number from {least} to {most}."));
        return null;
    }

    public decimal? Money(string field, decimal most)
    {
        if (!IsGiven(field, isNeeded: false, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var amount) && amount >= 0 && amount <= most && decimal.Round(amount, 2) == amount)
            return amount;
        Fault(field, string.Create(CultureInfo.InvariantCulture, $"{field} must be a number from 0 to {most} with at most two decimals."));
        return null;
    }

    public DateTimeOffset? Time(string field)
    {
        if (!IsGiven(field, isNeeded: false, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time))
            return time.ToUniversalTime();
        Fault(field, $"{field} must be a time as in 2026-11-27T09:00:00Z.");
        return null;
    }

    public string? Text(string field, Func<string, bool> isValid, string rule)
    {
        if (!IsGiven(field, isNeeded: true, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && isValid(text))
            return text;
        Fault(field, $"{field} {rule}.");
        return null;
    }

    private void Take(JsonElement body, string[] known)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (known.Contains(property.Name))
                values[property.Name] = property.Value.Clone();
            else
                Fault(property.Name, $"{property.Name} is no field; there are: {string.Join(", ", known)}.");
        }
    }

    private bool IsGiven(string field, bool isNeeded, out JsonElement value)
    {
        if (values.TryGetValue(field, out value) && value.ValueKind != JsonValueKind.Null)
            return true;
        if (isNeeded)
            Fault(field, $"{field} is needed.");
        return false;
    }
}
