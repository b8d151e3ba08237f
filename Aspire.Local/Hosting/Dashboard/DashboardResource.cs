using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.Dashboard;

/// <summary>The dashboard: a program like others, but out of the way. It yields to the system it shows, and stops after it.</summary>
internal sealed class DashboardResource : ExecutableResource
{
    public const string ResourceName = "aspire-dashboard";

    /// <summary>nice(1): a tenth of the processor time of a service, where both want it.</summary>
    private const string Niceness = "10";

    // Each child leads a session, and where the kernel groups processes by session, nice counts only within one.
    private const string Yield = $$"""echo {{Niceness}} 2>/dev/null >/proc/self/autogroup; exec nice -n {{Niceness}} "$@" """;

    private DashboardResource(string program) : base(ResourceName, "sh", Path.GetDirectoryName(program)!)
    {
    }

    /// <param name="program">Its assembly.</param>
    /// <param name="settings">What it is told.</param>
    public static DashboardResource Create(string program, DashboardSettings settings)
    {
        var dashboard = new DashboardResource(program);
        dashboard.Annotations.Add(new EndpointAnnotation("http", "http", targetPort: settings.FrontendPort) { IsExternal = true });
        dashboard.Annotations.Add(new EndpointAnnotation("otlp-http", "http", targetPort: settings.OtlpPort));
        dashboard.Annotations.Add(new EndpointUrlCallback("http", url => url.DisplayText = settings.Greeting));
        dashboard.Annotations.Add(new HttpHealthProbe("aspire-dashboard_check", new EndpointReference(dashboard, "http"), "/login", 200));
        dashboard.Annotations.Add(new CommandLineArgsCallbackAnnotation(context =>
        {
            foreach (var argument in (string[])["-c", Yield, "dashboard", ProjectProgram.DotnetHost, "exec", program])
                context.Args.Add(argument);
            return Task.CompletedTask;
        }));
        dashboard.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
        {
            foreach (var (name, value) in Environment(settings))
                context.EnvironmentVariables[name] = value;
            return Task.CompletedTask;
        }));
        return dashboard;
    }

    private static Dictionary<string, string> Environment(DashboardSettings settings) => new()
    {
        ["ASPNETCORE_URLS"] = settings.FrontendUrl,
        ["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = settings.OtlpUrl,
        ["Dashboard__Frontend__BrowserToken"] = settings.BrowserToken,
        ["Dashboard__Otlp__PrimaryApiKey"] = settings.OtlpApiKey,
        ["Dashboard__ResourceServiceClient__Url"] = settings.ResourceServiceUrl,
        ["Dashboard__ResourceServiceClient__ApiKey"] = settings.ResourceServiceApiKey,
    };
}
