using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Dashboard.Security;

namespace Sluice.Dashboard.SignIn;

/// <summary>A new link to sign in with; <paramref name="Url"/> works once, until <paramref name="ExpiresAt"/>.</summary>
internal sealed record LoginLink(string Url, DateTimeOffset ExpiresAt);

/// <summary>Signing in and out, and new links for operators.</summary>
internal static class SignInEndpoints
{
    /// <summary>The gateway says who calls, and takes this header from whoever else sends it.</summary>
    private const string RolesHeader = "X-Client-Roles";
    private const string Operator = "operator";

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", static () => TypedResults.Redirect(PublicAddress.Home)).AllowAnonymous();
        routes.MapGet(LoginLinks.Path, SignInAsync).AllowAnonymous();
        routes.MapPost("/login-links", CreateLink).AllowAnonymous();
        routes.MapPost("/logout", SignOutAsync);
    }

    private static async Task<IResult> SignInAsync(string? t, HttpContext context, LoginLinks links)
    {
        // Whoever loads pages ahead of time must not use up a link that nobody has followed.
        if (context.Request.Headers["Sec-Purpose"].ToString().Contains("prefetch", StringComparison.OrdinalIgnoreCase))
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        context.Response.Headers.CacheControl = "no-store";
        if (string.IsNullOrEmpty(t))
            return Page(refused: false);
        if (!links.TryUse(t))
            return Page(refused: true);

        var principal = new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, Operator)], CookieAuthenticationDefaults.AuthenticationScheme));
        await context.SignInAsync(principal, new AuthenticationProperties { IsPersistent = true });
        return TypedResults.Redirect(PublicAddress.Home);
    }

    private static Results<Created<LoginLink>, ProblemHttpResult> CreateLink(HttpContext context, LoginLinks links)
    {
        if (!context.Request.Headers[RolesHeader].ToString().Split(',').Contains(Operator))
            return TypedResults.Problem("This takes the key of a client with the role 'operator'.", statusCode: StatusCodes.Status403Forbidden);
        var (token, ends) = links.Create();
        context.Response.Headers.CacheControl = "no-store";
        var url = $"{context.Request.Scheme}://{context.Request.Host}{LoginLinks.Path}?t={token}";
        return TypedResults.Created(url, new LoginLink(url, ends));
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return TypedResults.Problem("The form is not one of this site, or too old: load the page again.", statusCode: StatusCodes.Status400BadRequest);
        await context.SignOutAsync();
        return TypedResults.Redirect(LoginLinks.Path);
    }

    private static RazorComponentResult<SignInPage> Page(bool refused) =>
        new(new Dictionary<string, object?> { [nameof(SignInPage.Refused)] = refused })
        {
            StatusCode = refused ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK,
        };
}
