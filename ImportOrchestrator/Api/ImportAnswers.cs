using Microsoft.AspNetCore.Http.HttpResults;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>Answers that the endpoints of imports share.</summary>
internal static class ImportAnswers
{
    public static string LocationOf(Guid id) => $"/imports/{id}";

    public static ValidationProblem NoId(string id) =>
        TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["id"] = [$"'{id}' is not an import's id, which is a UUID."] });

    public static ProblemHttpResult NotFound(Guid id) =>
        TypedResults.Problem($"There is no import {id}.", statusCode: StatusCodes.Status404NotFound, extensions: new Dictionary<string, object?>
        {
            ["errors"] = new Dictionary<string, string[]> { ["id"] = ["There is no such import."] },
        });
}
