using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Sluice.Gateway.Proxy;

/// <summary>
/// What went wrong between gateway and service: one line in the log, where YARP itself would also tell of every caller who hung up; and
/// for the caller problem details with the service's name, without its address.
/// </summary>
internal sealed partial class UpstreamFault(RequestDelegate next, ILogger<UpstreamFault> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (context.Features.Get<IForwarderErrorFeature>() is not { } fault)
            return;
        if (!IsCallers(fault.Error))
            Log(context.GetReverseProxyFeature(), fault);
        if (!context.Response.HasStarted)
            await TypedResults.Problem(statusCode: context.Response.StatusCode).ExecuteAsync(context);
    }

    public static void Describe(ProblemDetailsContext context)
    {
        if (context.HttpContext.Features.Get<IForwarderErrorFeature>() is not { } fault)
            return;
        var service = context.HttpContext.GetReverseProxyFeature().Cluster.Config.ClusterId;
        context.ProblemDetails.Detail ??= fault.Error switch
        {
            ForwarderError.NoAvailableDestinations => $"No instance of the service '{service}' is there to answer.",
            ForwarderError.RequestTimedOut => $"The service '{service}' took too long to answer.",
            ForwarderError.RequestBodyClient or ForwarderError.RequestBodyCanceled => "The request's body could not be read.",
            _ => $"The service '{service}' cannot be reached.",
        };
    }

    private void Log(IReverseProxyFeature proxy, IForwarderErrorFeature fault) => LogFault(
        proxy.Cluster.Config.ClusterId, proxy.ProxiedDestination?.Model.Config.Address, fault.Error, fault.Exception?.GetBaseException().Message);

    private static bool IsCallers(ForwarderError error) => error is
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient or
        ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient or
        ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeRequestClient or
        ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeResponseClient;

    [LoggerMessage(1, LogLevel.Warning, "{Service} at {Address} did not answer: {Error}, {Reason}")]
    private partial void LogFault(string service, string? address, ForwarderError error, string? reason);
}
