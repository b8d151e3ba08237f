using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Sluice.ServiceDefaults.Startup;

/// <summary>Binds and checks options. A value that cannot be converted becomes a fault beside the others, not an exception that hides them.</summary>
internal sealed class OptionsReader<T>(string section, Action<T, OptionFaults>? check) : IValidateOptions<T> where T : class
{
    private readonly ConcurrentDictionary<T, string> unreadable = new(ReferenceEqualityComparer.Instance);

    public void Read(T options, IConfiguration configuration)
    {
        try
        {
            configuration.GetSection(section).Bind(options);
        }
        catch (InvalidOperationException e)
        {
            unreadable[options] = e.Message;
        }
    }

    public ValidateOptionsResult Validate(string? name, T options)
    {
        if (unreadable.TryRemove(options, out var reason))
            return ValidateOptionsResult.Fail(reason);

        var faults = new OptionFaults(section);
        check?.Invoke(options, faults);
        return faults.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults.All);
    }
}
