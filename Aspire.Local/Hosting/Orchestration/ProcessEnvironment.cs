using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>What a program finds in its environment and on its command line.</summary>
internal static class ProcessEnvironment
{
    /// <summary>Meant for the AppHost itself, not for what it starts.</summary>
    private static readonly string[] notInherited =
        ["ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_URLS", "DOTNET_LAUNCH_PROFILE"];

    public static async Task<Dictionary<string, string>> VariablesAsync(IResource resource, int replica, string id, InstanceContext context, CancellationToken cancellationToken)
    {
        Dictionary<string, object> variables = [];
        if (resource is ProjectResource)
            AddProjectDefaults(variables, resource, replica, id, context);
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.EnvironmentVariable is not null))
            variables[endpoint.EnvironmentVariable!] = endpoint.Ports[replica].ToString(CultureInfo.InvariantCulture);

        var callbackContext = new EnvironmentCallbackContext(context.ExecutionContext, resource, variables, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await annotation.Callback(callbackContext);

        Dictionary<string, string> resolved = [];
        foreach (var (name, value) in variables)
        {
            if (await ResolveAsync(value, cancellationToken) is { } text)
                resolved[name] = text;
        }
        return resolved;
    }

    public static async Task<List<string>> ArgumentsAsync(IResource resource, CancellationToken cancellationToken)
    {
        var callbackContext = new CommandLineArgsCallbackContext([], cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            await annotation.Callback(callbackContext);

        List<string> resolved = [];
        foreach (var argument in callbackContext.Args)
        {
            if (await ResolveAsync(argument, cancellationToken) is { } text)
                resolved.Add(text);
        }
        return resolved;
    }

    public static void Apply(Dictionary<string, string> variables, IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(name => notInherited.Contains(name) || name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            environment.Remove(name);
        foreach (var (name, value) in variables)
            environment[name] = value;
    }

    private static void AddProjectDefaults(Dictionary<string, object> variables, IResource resource, int replica, string id, InstanceContext context)
    {
        variables["ASPNETCORE_ENVIRONMENT"] = variables["DOTNET_ENVIRONMENT"] = context.Environment.EnvironmentName;
        if (resource.TryGetLastAnnotation<LaunchProfile>(out var profile))
        {
            foreach (var (name, value) in profile.EnvironmentVariables)
                variables[name] = Environment.ExpandEnvironmentVariables(value);
        }

        var urls = string.Join(';', resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.UriScheme == "http").Select(endpoint => endpoint.UrlOf(replica)));
        if (urls.Length > 0)
            variables["ASPNETCORE_URLS"] = urls;

        AddTelemetry(variables, resource, id, context);
    }

    private static void AddTelemetry(Dictionary<string, object> variables, IResource resource, string id, InstanceContext context)
    {
        variables["OTEL_SERVICE_NAME"] = resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={id}";
        if (context.Environment.IsDevelopment())
        {
            foreach (var name in (string[])["OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL"])
                variables[name] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
        }

        var grpc = context.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] is { Length: > 0 } url ? url : null;
        if ((grpc ?? context.Configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"]) is not { Length: > 0 } endpoint)
            return;
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = grpc is null ? "http/protobuf" : "grpc";
        if (context.Configuration["AppHost:OtlpApiKey"] is { Length: > 0 } key)
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
    }

    private static async ValueTask<string?> ResolveAsync(object value, CancellationToken cancellationToken) => value switch
    {
        IValueProvider provider => await provider.GetValueAsync(cancellationToken),
        IResourceBuilder<IResource> { Resource: IValueProvider provider } => await provider.GetValueAsync(cancellationToken),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
