using Npgsql;

namespace Sluice.ItemApi.Orders;

/// <summary>Turns a database that is away into 503 with Retry-After.</summary>
internal static class DatabaseAway
{
    public static async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (NpgsqlException e) when (e.IsTransient || e.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown)
        {
            return Refusals.NoDatabase(context.HttpContext.Response);
        }
    }
}
