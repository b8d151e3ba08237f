using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Sluice.ServiceDefaults.Errors;

/// <summary>Says which field of a request could not be read, and where, in the caller's words and not in C# types.</summary>
internal sealed partial class UnreadableRequestAnswer(IProblemDetailsService problems) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BadHttpRequestException bad)
            return ValueTask.FromResult(false);

        httpContext.Response.StatusCode = bad.StatusCode;
        var problem = bad.InnerException is JsonException json ? FromJson(json) : FromBinding(bad.Message);
        problem.Status = bad.StatusCode;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
    }

    private static ProblemDetails FromJson(JsonException json)
    {
        var position = json.LineNumber is { } line ? $" at line {line + 1}, byte {json.BytePositionInLine + 1}" : null;
        return json.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal)
            ? Field(path[2..], $"The value cannot be read{position}.")
            : new ProblemDetails { Detail = $"The body is not the JSON that is expected{position}." };
    }

    /// <summary>The framework has words but no data for a parameter that did not bind; an unforeseen message is passed on as it is.</summary>
    private static ProblemDetails FromBinding(string message)
    {
        if (message.StartsWith("Implicit body inferred", StringComparison.Ordinal) || message.EndsWith("was not provided from body.", StringComparison.Ordinal))
            return new ProblemDetails { Detail = "The request needs a JSON body." };
        if (UnreadableParameter().Match(message) is { Success: true } unreadable)
            return Field(unreadable.Groups["name"].Value, $"'{unreadable.Groups["value"].Value}' cannot be read.");
        if (MissingParameter().Match(message) is { Success: true } missing)
            return Field(missing.Groups["name"].Value, $"The {missing.Groups["source"].Value} needs this value.");
        return new ProblemDetails { Detail = message };
    }

    private static HttpValidationProblemDetails Field(string name, string fault) =>
        new(new Dictionary<string, string[]> { [name] = [fault] }) { Detail = $"{name}: {fault}" };

    [GeneratedRegex("""^Failed to bind parameter ".*? ?(?<name>\w+)" from "(?<value>.*)"\.$""", RegexOptions.Singleline)]
    private static partial Regex UnreadableParameter();

    [GeneratedRegex("""^Required parameter ".*? ?(?<name>\w+)" was not provided from (?<source>.+)\.$""")]
    private static partial Regex MissingParameter();
}
