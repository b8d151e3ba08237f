using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Sluice.Cli.Connection;

/// <summary>Makes a sentence of the gateway's problem details, with the field that is wrong.</summary>
internal static class Problem
{
    public static async Task<CommandFailure> ReadAsync(HttpResponseMessage response, bool hasKey, CancellationToken cancellationToken)
    {
        var problem = Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        var retryAfter = response.Headers.RetryAfter?.Delta;
        var sentence = problem is { } details ? SentenceOf(details, response.StatusCode) : null;
        sentence ??= string.Create(CultureInfo.InvariantCulture, $"The gateway answered {(int)response.StatusCode} {response.ReasonPhrase}.");
        if (retryAfter is { } wait)
            sentence += string.Create(CultureInfo.InvariantCulture, $" Retry-After: {wait.TotalSeconds:0} s.");
        if (response.StatusCode == HttpStatusCode.Unauthorized && !hasKey)
            sentence += $" A key is given with {ConnectionSettings.KeyVariable}, --key, or the config file.";
        return new(CodeOf((int)response.StatusCode), sentence, problem) { RetryAfter = retryAfter };
    }

    private static ExitCode CodeOf(int status) => status switch
    {
        400 or 411 or 413 or 415 or 422 => ExitCode.Usage,
        401 or 403 => ExitCode.Refused,
        404 => ExitCode.NotFound,
        409 or 410 or 425 => ExitCode.Conflict,
        429 => ExitCode.Limited,
        502 or 503 or 504 => ExitCode.Unreachable,
        _ => ExitCode.Failed,
    };

    private static JsonElement? Parse(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            // Something in between answered, in words of its own.
            return null;
        }
    }

    private static string? SentenceOf(JsonElement problem, HttpStatusCode status)
    {
        if (status == HttpStatusCode.BadRequest && problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object
            && string.Join(Environment.NewLine, errors.EnumerateObject().Select(FieldOf)) is { Length: > 0 } fields)
            return fields;
        return TextOf(problem, "detail") ?? TextOf(problem, "title");
    }

    private static string FieldOf(JsonProperty field)
    {
        var faults = field.Value.ValueKind == JsonValueKind.Array ? string.Join(' ', field.Value.EnumerateArray()) : field.Value.ToString();
        return faults.StartsWith(field.Name, StringComparison.OrdinalIgnoreCase) ? faults : $"{field.Name}: {faults}";
    }

    private static string? TextOf(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 } value ? value : null;
}
