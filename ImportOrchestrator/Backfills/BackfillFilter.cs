namespace Sluice.ImportOrchestrator.Backfills;

/// <summary>Lets through what names a backfill that there is; its id is the first argument.</summary>
internal sealed class BackfillFilter(BackfillStore store) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var id = context.GetArgument<Guid>(0);
        return await store.ExistsAsync(id, context.HttpContext.RequestAborted)
            ? await next(context)
            : TypedResults.Problem($"There is no backfill {id}.", statusCode: StatusCodes.Status404NotFound, extensions: new Dictionary<string, object?>
            {
                ["errors"] = new Dictionary<string, string[]> { ["id"] = ["There is no such backfill."] },
            });
    }
}
