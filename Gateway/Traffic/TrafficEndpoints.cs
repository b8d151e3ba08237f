using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;
using Sluice.Contracts.Traffic;

namespace Sluice.Gateway.Traffic;

/// <summary>Shows what the gateways decided.</summary>
internal static class TrafficEndpoints
{
    public const string Path = "/metrics";

    private const string RetryAfterSeconds = "1";

    public static void MapTraffic(this IEndpointRouteBuilder routes) => routes.MapGet(Path, GetAsync);

    private static async Task<Results<JsonHttpResult<TrafficSnapshot>, ValidationProblem, ProblemHttpResult>> GetAsync(
        HttpContext context, TrafficAnswers answers, IOptions<TrafficOptions> options, CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled)
            return TypedResults.Problem(
                $"Traffic is not kept: {TrafficOptions.Section}:{nameof(options.Value.Enabled)} is false.", statusCode: StatusCodes.Status404NotFound);
        var faults = new Dictionary<string, string[]>();
        var window = TrafficWindow.Read(context.Request.Query, options.Value.KeepMinutes, faults);
        if (faults.Count > 0)
            return TypedResults.ValidationProblem(faults, detail: string.Join(' ', faults.Values.SelectMany(texts => texts)));
        try
        {
            return TypedResults.Json(await answers.GetAsync(window, cancellationToken), TrafficJson.Default.TrafficSnapshot);
        }
        catch (NpgsqlException)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
            return TypedResults.Problem(
                "Traffic cannot be read at the moment: PostgreSQL doesn't answer.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
