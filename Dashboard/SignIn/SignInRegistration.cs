using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace Sluice.Dashboard.SignIn;

internal static class SignInRegistration
{
    public const string Cookie = "sluice-dashboard";

    /// <summary>A link signs in, a cookie keeps that, and nothing answers without, unless it says that it is for everybody.</summary>
    public static void AddSignIn(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddOptionsFrom<DashboardOptions>(DashboardOptions.Section, DashboardOptions.Check);
        services.AddSingleton<UsedLinks>();
        services.AddSingleton<LoginLinks>();
        services.AddHostedService<FirstLink>();

        services.AddDataProtection().SetApplicationName("sluice-dashboard");
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<DashboardOptions>, ILoggerFactory>(static (keys, options, logs) =>
        {
            var folder = Path.Combine(options.Value.Folder, "keys");
            PrivateFolder.Create(folder);
            keys.XmlRepository = new FileSystemXmlRepository(new DirectoryInfo(folder), logs);
        });

        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<IOptions<DashboardOptions>>(static (cookie, options) => Configure(cookie, options.Value));
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddCascadingAuthenticationState();
    }

    private static void Configure(CookieAuthenticationOptions cookie, DashboardOptions options)
    {
        cookie.Cookie.Name = Cookie;
        cookie.Cookie.HttpOnly = true;

        // Strict would leave out the cookie, and so show the sign-in page, to who follows a link from elsewhere. What changes anything
        // is a POST or comes over the hub, and both ask for the origin.
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.Cookie.Path = Security.PublicAddress.BasePath;
        cookie.ExpireTimeSpan = options.SessionLifetime;
        cookie.SlidingExpiration = true;
        cookie.Events.OnRedirectToLogin = cookie.Events.OnRedirectToAccessDenied = static redirect =>
        {
            if (IsNavigation(redirect.Request))
                redirect.Response.Redirect(LoginLinks.Path);
            else
                redirect.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        };
    }

    private static bool IsNavigation(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/html");
}
