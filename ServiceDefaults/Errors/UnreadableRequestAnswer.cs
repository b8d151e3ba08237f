using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Sluice.ServiceDefaults.Errors;

/// <summary>Says which field of a request could not be read, and where.</summary>
internal sealed class UnreadableRequestAnswer(IProblemDetailsService problems) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BadHttpRequestException bad)
            return ValueTask.FromResult(false);

        httpContext.Response.StatusCode = bad.StatusCode;
        var problem = bad.InnerException is JsonException json ? FromJson(json) : new ProblemDetails { Detail = bad.Message };
        problem.Status = bad.StatusCode;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
    }

    private static ProblemDetails FromJson(JsonException json)
    {
        var position = json.LineNumber is { } line ? $"line {line + 1}, byte {json.BytePositionInLine + 1}" : null;
        var field = json.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;
        var place = string.Join(", ", new[] { field is null ? null : $"field '{field}'", position }.OfType<string>());
        var detail = place.Length == 0 ? "The body is not the JSON that is expected." : $"The body is not the JSON that is expected: {place}.";
        return field is null
            ? new ProblemDetails { Detail = detail }
            : new HttpValidationProblemDetails(new Dictionary<string, string[]> { [field] = [detail] }) { Detail = detail };
    }
}
