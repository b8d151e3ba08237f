using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Sluice.ServiceDefaults.Startup;

/// <summary>The connection strings without which the service cannot work, each with what tries to read it.</summary>
internal sealed class RequiredConnections
{
    public List<(string Name, Action<string> Read)> All { get; } = [];
}

internal sealed class RequiredConnectionsValidator(IConfiguration configuration) : IValidateOptions<RequiredConnections>
{
    public ValidateOptionsResult Validate(string? name, RequiredConnections options)
    {
        var faults = options.All.Select(connection => Fault(connection.Name, connection.Read)).OfType<string>().Distinct().ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private string? Fault(string name, Action<string> read)
    {
        var value = configuration.GetConnectionString(name);
        if (string.IsNullOrWhiteSpace(value))
            return $"ConnectionStrings:{name} is missing";
        try
        {
            read(value);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return $"ConnectionStrings:{name} cannot be read: {e.Message}";
        }
    }
}

internal static class RequiredConnectionsRegistration
{
    /// <param name="read">Throws ArgumentException or FormatException on a string that is none of its kind.</param>
    public static void RequireConnectionString(this IHostApplicationBuilder builder, string connectionName, Action<string> read) =>
        builder.Services.Configure<RequiredConnections>(required => required.All.Add((connectionName, read)));
}
