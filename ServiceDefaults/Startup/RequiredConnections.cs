using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Sluice.ServiceDefaults.Startup;

/// <summary>The connection strings without which the service cannot work.</summary>
internal sealed class RequiredConnections
{
    public ISet<string> Names { get; } = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
}

internal sealed class RequiredConnectionsValidator(IConfiguration configuration) : IValidateOptions<RequiredConnections>
{
    public ValidateOptionsResult Validate(string? name, RequiredConnections options)
    {
        var missing = options.Names.Where(connection => string.IsNullOrWhiteSpace(configuration.GetConnectionString(connection)));
        var faults = missing.Select(connection => $"ConnectionStrings:{connection} is missing").ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}

internal static class RequiredConnectionsRegistration
{
    public static void RequireConnectionString(this IHostApplicationBuilder builder, string connectionName) =>
        builder.Services.Configure<RequiredConnections>(required => required.Names.Add(connectionName));
}
