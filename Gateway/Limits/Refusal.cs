using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.RateLimiting;

namespace Sluice.Gateway.Limits;

/// <summary>The answers to a request that does not pass. Written by hand: a caller in a loop is refused far more often than served.</summary>
internal static class Refusal
{
    private const string ProblemJson = "application/problem+json";

    public static async Task TooManyRequestsAsync(HttpContext context, RateLimitDecision decision)
    {
        var seconds = WholeSeconds(decision.RetryAfter);
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        context.Response.ContentType = ProblemJson;
        Write(context, decision.Policy, decision.BindingTier!.Value.Tier, seconds);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>What cannot be counted is not let pass, or not known.</summary>
    public static Task UnavailableAsync(HttpContext context, TimeSpan retryAfter) => Unavailable(context, retryAfter).ExecuteAsync(context);

    /// <inheritdoc cref="UnavailableAsync"/>
    public static ProblemHttpResult Unavailable(HttpContext context, TimeSpan retryAfter)
    {
        context.Response.Headers.RetryAfter = WholeSeconds(retryAfter).ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem("Limits cannot be checked at the moment.", statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static void Write(HttpContext context, RateLimitPolicy policy, RateLimitTier tier, long seconds)
    {
        using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("message"u8, "Too Many Requests"u8);
        json.WriteNumber("retry_after"u8, seconds);
        json.WriteString("type"u8, "https://tools.ietf.org/html/rfc6585#section-4"u8);
        json.WriteString("title"u8, "Too Many Requests"u8);
        json.WriteNumber("status"u8, StatusCodes.Status429TooManyRequests);
        json.WriteString("detail"u8, DetailOf(tier, seconds));
        json.WriteString("instance"u8, context.Request.Path.Value);
        json.WriteString("policy"u8, policy.Name);
        json.WriteString("tier"u8, tier.Name);
        json.WriteEndObject();
    }

    private static string DetailOf(RateLimitTier tier, long seconds) => tier.Algorithm == RateLimitAlgorithm.Concurrency
        ? string.Create(CultureInfo.InvariantCulture, $"{tier.Permits} requests at once are under way. The next one passes when one of them has ended.")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{tier.Permits} requests per {tier.Window.TotalSeconds:0.###} s are used up. The next one passes in {seconds} s.");

    private static long WholeSeconds(TimeSpan time) => Math.Max(1, PolicyHeaders.Seconds(time));
}
