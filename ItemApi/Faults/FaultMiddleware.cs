namespace Sluice.ItemApi.Faults;

/// <summary>Lets requests of <c>/api</c> meet their fate before anybody answers them.</summary>
internal sealed class FaultMiddleware(RequestDelegate next, FaultState state, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var fate = context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) ? state.FateOf(context.Request) : Fate.None;
        if (fate.Latency > TimeSpan.Zero)
            await Task.Delay(fate.Latency, time, context.RequestAborted);
        if (fate.IsDropped)
        {
            context.Abort();
            return;
        }

        if (fate.Status is not { } status)
        {
            await next(context);
            return;
        }

        if (fate.RetryAfter is { } retryAfter)
            context.Response.Headers.RetryAfter = retryAfter;
        await TypedResults.Problem("A fault that an operator asked for.", statusCode: status).ExecuteAsync(context);
    }
}
