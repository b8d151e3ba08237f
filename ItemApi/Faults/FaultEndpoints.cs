using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Sluice.ItemApi.Faults;

/// <summary>Faults for exercising clients. In Production there are none: nothing of it is registered, mapped or in the pipeline.</summary>
public static class FaultEndpoints
{
    public static void AddFaults(this WebApplicationBuilder builder)
    {
        if (!builder.Environment.IsProduction())
            builder.Services.AddSingleton<FaultState>();
    }

    public static void UseFaults(this WebApplication app)
    {
        if (app.Environment.IsProduction())
            return;
        app.UseMiddleware<FaultMiddleware>();
        var faults = app.MapGroup("/faults");
        faults.MapGet("", static (FaultState state) => TypedResults.Ok(state.Report));
        faults.MapPut("", SetAsync);
        faults.MapDelete("", Clear);
    }

    /// <summary>Puts the faults in the place of those in force; counts begin anew.</summary>
    private static async Task<Results<Ok<FaultReport>, ValidationProblem>> SetAsync(HttpRequest request, FaultState state, CancellationToken cancellationToken)
    {
        try
        {
            var settings = await JsonSerializer.DeserializeAsync<FaultSettings>(request.Body, JsonSerializerOptions.Web, cancellationToken);
            var faults = settings is null ? Named("body", "A JSON object is needed.") : FaultsCheck.FaultsOf(settings);
            if (faults.Count > 0)
                return TypedResults.ValidationProblem(faults, detail: string.Join(' ', faults.Values.SelectMany(texts => texts)));
            state.Set(settings!);
            return TypedResults.Ok(state.Report);
        }
        catch (JsonException exception)
        {
            var field = exception.Path is { Length: > 2 } path ? path[2..] : "body";
            var faults = Named(field, $"{field} can't be read, or is no setting.");
            return TypedResults.ValidationProblem(faults, detail: exception.Message);
        }
    }

    private static NoContent Clear(FaultState state)
    {
        state.Clear();
        return TypedResults.NoContent();
    }

    private static Dictionary<string, string[]> Named(string field, string fault) => new() { [field] = [fault] };
}
