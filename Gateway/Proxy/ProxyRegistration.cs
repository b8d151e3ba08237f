using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Sluice.Gateway.Limits;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Sluice.Gateway.Proxy;

public static class ProxyRegistration
{
    public static void AddProxy(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.Configure<KestrelServerOptions>(builder.Configuration.GetSection("Kestrel"));
        services.AddReverseProxy().AddTransforms(UpstreamHeaders.Add);
        services.AddSingleton<IForwarderHttpClientFactory, WholeBodies>();
        services.AddSingleton<IProxyConfigProvider, PublishedRoutes>();
        services.AddSingleton<IDestinationResolver, ConfiguredReplicas>();

        services.AddSingleton<IValidateOptions<ProxyRoutes>, ProxyRoutesValidator>();
        services.AddOptions<ProxyRoutes>()
            .Configure<IConfiguration>(static (routes, configuration) => routes.Read(configuration))
            .ValidateOnStart();
        services.PostConfigure<ProblemDetailsOptions>(static problem =>
        {
            problem.CustomizeProblemDetails += BodyLimit.Describe;
            problem.CustomizeProblemDetails += UpstreamFault.Describe;
        });
    }

    public static void MapProxy(this WebApplication app) =>
        app.MapReverseProxy(static proxy =>
        {
            proxy.UseMiddleware<BodyLimit>();
            proxy.UseMiddleware<UpstreamFault>();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        }).ConfigureEndpoints(static (endpoint, route) =>
        {
            if (RateLimitedBy.PolicyOf(route) is { } policy)
                endpoint.WithMetadata(new RateLimitedBy(policy, route.RouteId));
        });
}
