using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Sluice.Gateway.Clients;

public static class ClientsRegistration
{
    public static void AddClients(this IHostApplicationBuilder builder)
    {
        builder.AddOptionsFrom<ClientsOptions>(ClientsOptions.Section, ClientsCheck.Check);
        builder.AddOptionsFrom<ForwardingProxies>(ForwardingProxies.Section, ForwardingProxies.Check);
        builder.Services.AddSingleton<ClientRegistry>();
        builder.Services.AddSingleton<IAuthorizationMiddlewareResultHandler, RoleAnswers>();
        var authorization = builder.Services.AddAuthorizationBuilder();
        foreach (var role in Roles.All)
            authorization.AddPolicy(role, policy => policy.RequireRole(role));
    }

    /// <summary>Finds out who is calling. Goes before everything that asks.</summary>
    public static void UseClients(this WebApplication app)
    {
        // Without a known proxy the framework's middleware would believe everybody.
        var forwarding = app.Services.GetRequiredService<IOptions<ForwardingProxies>>().Value;
        if (forwarding.Proxies.Count > 0)
            app.UseForwardedHeaders(forwarding.ToMiddlewareOptions());
        app.UseMiddleware<CallerIdentity>();
    }
}
