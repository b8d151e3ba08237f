using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Sluice.Gateway.Limits;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Sluice.Gateway.Proxy;

public static class ProxyRegistration
{
    public static void AddProxy(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.Configure<KestrelServerOptions>(builder.Configuration.GetSection("Kestrel"));
        services.AddReverseProxy().AddTransforms(UpstreamHeaders.Add);
        services.Configure<TransportFailureRateHealthPolicyOptions>(static health =>
        {
            // A replica that is gone fails all that it gets, so few requests tell. YARP remembers each one of the window: a minute would be a million.
            health.MinimalTotalCountThreshold = 5;
            health.DetectionWindowSize = TimeSpan.FromSeconds(10);
        });
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
            // What a service answers passes as it is, and its faults are described above.
            endpoint.WithMetadata(new SkipStatusCodePagesAttribute());
            if (RateLimitedBy.PolicyOf(route) is { } policy)
                endpoint.WithMetadata(new RateLimitedBy(policy, route.RouteId));
        });
}
