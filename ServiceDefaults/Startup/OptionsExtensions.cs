using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sluice.ServiceDefaults.Startup;

namespace Microsoft.Extensions.Hosting;

public static class OptionsExtensions
{
    /// <summary>
    /// Binds <typeparamref name="T"/> to a section and checks it at start. All faults of all options are reported at once, each by
    /// its configuration path: <c>builder.AddOptionsFrom&lt;CatalogOptions&gt;("Catalog", (options, faults) =>
    /// faults.Require(options.Items > 0, nameof(options.Items), "must be at least 1"))</c>.
    /// </summary>
    public static OptionsBuilder<T> AddOptionsFrom<T>(this IHostApplicationBuilder builder, string section, Action<T, OptionFaults>? check = null)
        where T : class
    {
        var reader = new OptionsReader<T>(section, check);
        return builder.Services.AddOptions<T>()
            .Configure<IConfiguration>(reader.Read)
            .Services.AddSingleton<IValidateOptions<T>>(reader)
            .AddSingleton<IOptionsChangeTokenSource<T>>(services =>
                new ConfigurationChangeTokenSource<T>(services.GetRequiredService<IConfiguration>().GetSection(section)))
            .AddOptions<T>()
            .ValidateOnStart();
    }
}
