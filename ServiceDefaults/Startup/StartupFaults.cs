using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Sluice.ServiceDefaults.Startup;

/// <summary>Runs the validators of all options and reports the faults of all of them as one readable failure.</summary>
internal sealed class StartupFaults(IStartupValidator validator) : IStartupValidator
{
    static StartupFaults() => AppDomain.CurrentDomain.UnhandledException += static (_, unhandled) =>
    {
        if (unhandled.ExceptionObject is not StartupException refusal)
            return;
        Console.Error.WriteLine(refusal.Message);
        Environment.Exit(1);
    };

    public void Validate()
    {
        try
        {
            validator.Validate();
        }
        catch (Exception e) when (FaultsOf(e) is { } faults)
        {
            throw new StartupException(faults, e);
        }
    }

    private static List<string>? FaultsOf(Exception exception) => exception switch
    {
        OptionsValidationException options => [.. options.Failures],
        AggregateException many when many.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            // Options that are made from others have the faults of those.
            [.. many.InnerExceptions.Cast<OptionsValidationException>().SelectMany(options => options.Failures).Distinct(StringComparer.Ordinal)],
        _ => null,
    };
}

internal static class StartupFaultsRegistration
{
    public static void AddReadableStartupFaults(this IServiceCollection services)
    {
        // Makes the options library register its own validator, which is then wrapped.
        services.AddOptions<RequiredConnections>().ValidateOnStart();
        var original = services.Last(service => service.ServiceType == typeof(IStartupValidator));
        if (original.ImplementationType is { } validator && validator != typeof(StartupFaults))
        {
            services.Replace(ServiceDescriptor.Transient<IStartupValidator>(provider =>
                new StartupFaults((IStartupValidator)ActivatorUtilities.CreateInstance(provider, validator))));
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RequiredConnections>, RequiredConnectionsValidator>());
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService, StartupCheck>());
    }
}
