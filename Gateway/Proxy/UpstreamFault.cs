using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Sluice.Gateway.Proxy;

/// <summary>Says which service did not answer, without its address.</summary>
internal static class UpstreamFault
{
    public static void Describe(ProblemDetailsContext context)
    {
        if (context.HttpContext.Features.Get<IForwarderErrorFeature>() is not { } fault
            || context.HttpContext.Features.Get<IReverseProxyFeature>() is not { } proxy)
            return;
        var service = proxy.Cluster.Config.ClusterId;
        context.ProblemDetails.Detail ??= fault.Error switch
        {
            ForwarderError.NoAvailableDestinations => $"No instance of the service '{service}' is there to answer.",
            ForwarderError.RequestTimedOut => $"The service '{service}' took too long to answer.",
            ForwarderError.RequestBodyClient or ForwarderError.RequestBodyCanceled => "The request's body could not be read.",
            _ => $"The service '{service}' cannot be reached.",
        };
    }
}
