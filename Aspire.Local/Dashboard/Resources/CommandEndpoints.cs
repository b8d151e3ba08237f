using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;

namespace Aspire.Dashboard.Resources;

/// <summary>What a person does to a resource, and what becomes of it.</summary>
internal static class CommandEndpoints
{
    public static void MapResourceCommands(this IEndpointRouteBuilder app) => app.MapPost("/resources/{id}/commands/{name}", ExecuteAsync);

    private static async Task<IResult> ExecuteAsync(
        string id, string name, HttpContext context, IAntiforgery antiforgery, AppHostClient appHost, CommandResults results, CancellationToken cancellationToken)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return Results.BadRequest();
        try
        {
            var outcome = await appHost.ExecuteAsync(id, name, cancellationToken);
            results.Set(outcome.Success
                ? string.Create(CultureInfo.InvariantCulture, $"{id}: {name} is done.")
                : string.Create(CultureInfo.InvariantCulture, $"{id}: {name} failed: {outcome.ErrorMessage}"));
        }
        catch (HttpRequestException e)
        {
            results.Set($"{id}: {name} failed: the AppHost doesn't answer. {e.Message}");
        }
        return Results.LocalRedirect($"/?resource={Uri.EscapeDataString(id)}");
    }
}
