using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Sluice.ServiceDefaults.Startup;

/// <summary>
/// Binds and checks options. Values that cannot be converted, and settings that there aren't, become faults beside the others. Left to
/// itself the binder leaves an element of a list or dictionary out, without a word, when one of its values cannot be converted.
/// </summary>
internal sealed class OptionsReader<T>(string section, Action<T, OptionFaults>? check) : IValidateOptions<T> where T : class
{
    private readonly ConcurrentDictionary<T, IReadOnlyList<string>> unreadable = new(ReferenceEqualityComparer.Instance);

    public void Read(T options, IConfiguration configuration)
    {
        try
        {
            configuration.GetSection(section).Bind(options, Strictly);
        }
        catch (InvalidOperationException e)
        {
            List<string> faults = [.. configuration.GetSection(section).AsEnumerable().Select(Fault).OfType<string>().Order(StringComparer.Ordinal)];
            unreadable[options] = faults.Count > 0 ? faults : [e.Message];
        }
    }

    public ValidateOptionsResult Validate(string? name, T options)
    {
        if (unreadable.TryRemove(options, out var reasons))
            return ValidateOptionsResult.Fail(reasons);

        var faults = new OptionFaults(section);
        check?.Invoke(options, faults);
        return faults.All.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults.All);
    }

    /// <summary>What is wrong with one value by itself: the binder stops at the first.</summary>
    private string? Fault(KeyValuePair<string, string?> setting)
    {
        if (setting.Value is null)
            return null;
        try
        {
            new ConfigurationBuilder().AddInMemoryCollection([setting]).Build().GetSection(section).Get<T>(Strictly);
            return null;
        }
        catch (InvalidOperationException e)
        {
            for (Exception? cause = e; cause is not null; cause = cause.InnerException)
                if (cause.Message.Contains($"'{setting.Key}'", StringComparison.OrdinalIgnoreCase))
                    return cause.Message;
            return $"{setting.Key} is no setting";
        }
    }

    private static void Strictly(BinderOptions binder) => binder.ErrorOnUnknownConfiguration = true;
}
