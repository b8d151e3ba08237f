using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Aspire.Dashboard.Security;

/// <summary>Who has the token that the AppHost prints gets a cookie; who has neither sees the sign-in page.</summary>
internal static class SignIn
{
    public const string Path = "/login";

    public static void AddSignIn(this IServiceCollection services)
    {
        services.AddSingleton(provider => new Secret(provider.GetRequiredService<IOptions<DashboardOptions>>().Value.Frontend.BrowserToken));
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme).Configure<Listeners>((cookie, listeners) =>
        {
            // Cookies don't know ports: each dashboard of this machine needs a name of its own.
            cookie.Cookie.Name = $"aspire-local-{listeners.FrontendPort}";
            // A link in a page of another site may lead here; what such a page sends is refused by its origin.
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.HttpOnly = true;
            cookie.ExpireTimeSpan = TimeSpan.FromDays(3);
            cookie.LoginPath = Path;
            cookie.ReturnUrlParameter = "returnUrl";
        });
        services.AddAuthorization(options => options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "aspire-local-antiforgery";
            options.Cookie.SameSite = SameSiteMode.Strict;
        });
    }

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapPost("/signin", SubmitAsync).AllowAnonymous();
        app.MapPost("/signout", LeaveAsync);
    }

    /// <summary>Takes the token from the printed link.</summary>
    /// <returns>Whether it was right: the answer is then a way on, without the token in it.</returns>
    public static async Task<bool> TryByLinkAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) || context.Request.Path != Path || context.Request.Query["t"] is not [{ Length: > 0 } token])
            return false;
        if (!context.RequestServices.GetRequiredService<Secret>().IsSame(token))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return false;
        }
        await EnterAsync(context);
        context.Response.Redirect(WayOn(context.Request.Query["returnUrl"]));
        return true;
    }

    private static async Task<IResult> SubmitAsync(HttpContext context, IAntiforgery antiforgery, Secret secret)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return Results.BadRequest();
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (!secret.IsSame(form["token"]))
            return Results.Redirect($"{Path}?wrong=true&returnUrl={Uri.EscapeDataString(WayOn(form["returnUrl"]))}");
        await EnterAsync(context);
        return Results.LocalRedirect(WayOn(form["returnUrl"]));
    }

    private static async Task<IResult> LeaveAsync(HttpContext context, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
            return Results.BadRequest();
        await context.SignOutAsync();
        return Results.LocalRedirect(Path);
    }

    private static Task EnterAsync(HttpContext context) => context.SignInAsync(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "developer")], CookieAuthenticationDefaults.AuthenticationScheme)));

    // Nowhere but here.
    private static string WayOn(string? wanted) =>
        wanted is ['/', not ('/' or '\\'), ..] && !wanted.StartsWith(Path, StringComparison.Ordinal) ? wanted : "/";
}
