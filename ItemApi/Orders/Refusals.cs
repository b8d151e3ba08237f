using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.ItemApi.Sales;

namespace Sluice.ItemApi.Orders;

/// <summary>Why an order is not accepted, in problem details with a <c>reason</c> to go by.</summary>
internal static class Refusals
{
    /// <summary>RFC 8470.</summary>
    private const int TooEarly = 425;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>Null where the SKU may be bought now.</summary>
    public static ProblemHttpResult? Of(SkuFacts sku, bool isSoldOut, HttpResponse response, DateTimeOffset now) =>
        sku.Sale is { } sale && sale.StartsAt > now ? NotYet(response, sale.StartsAt, now)
        : sku.Sale is { EndsAt: { } end } && end <= now ? Over(end)
        : isSoldOut ? SoldOut(sku.Sku)
        : null;

    public static ProblemHttpResult UnknownSku(string sku) => Problem(
        StatusCodes.Status404NotFound, "unknown_sku", $"There is no SKU '{sku}' for sale.", ("errors", new Dictionary<string, string[]> { ["sku"] = ["There is no such SKU."] }));

    public static ProblemHttpResult OtherRequest() => Problem(
        StatusCodes.Status409Conflict, "key_in_use", $"The {IdempotencyKeys.Header} was used for another order. Take a new one for each order, and the same only to repeat it.");

    public static ProblemHttpResult SoldOut(string sku) => Problem(StatusCodes.Status409Conflict, "sold_out", $"'{sku}' is sold out.");

    public static ProblemHttpResult NotYet(HttpResponse response, DateTimeOffset startsAt, DateTimeOffset now)
    {
        response.Headers.RetryAfter = Seconds(startsAt - now);
        return Problem(TooEarly, "not_started", $"The sale starts at {startsAt:O}.", ("startsAt", startsAt));
    }

    public static ProblemHttpResult Over(DateTimeOffset endedAt) =>
        Problem(StatusCodes.Status410Gone, "ended", $"The sale ended at {endedAt:O}.", ("endedAt", endedAt));

    public static ProblemHttpResult QueueFull(HttpResponse response) =>
        Later(response, "queue_full", "More orders wait than are accepted. Nothing was ordered: try again.");

    /// <param name="isKeyed">The order may stand: the same key finds it.</param>
    public static ProblemHttpResult NoQueue(HttpResponse response, bool isKeyed) => Later(response, "queue_away", isKeyed
        ? $"Orders cannot be queued at the moment. Try again with the same {IdempotencyKeys.Header}."
        : "Orders cannot be queued at the moment. Nothing was ordered: try again.");

    public static ProblemHttpResult NoDatabase(HttpResponse response) =>
        Later(response, "database_away", "The database cannot be reached at the moment: try again.");

    private static ProblemHttpResult Later(HttpResponse response, string reason, string detail)
    {
        response.Headers.RetryAfter = Seconds(Soon);
        return Problem(StatusCodes.Status503ServiceUnavailable, reason, detail);
    }

    private static ProblemHttpResult Problem(int status, string reason, string detail, params (string Key, object Value)[] more)
    {
        var extensions = more.ToDictionary(entry => entry.Key, object? (entry) => entry.Value);
        extensions["reason"] = reason;
        return TypedResults.Problem(detail, statusCode: status, extensions: extensions);
    }

    private static string Seconds(TimeSpan wait) => Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
