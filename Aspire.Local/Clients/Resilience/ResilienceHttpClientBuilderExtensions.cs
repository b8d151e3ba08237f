using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;

namespace Microsoft.Extensions.DependencyInjection;

public static class ResilienceHttpClientBuilderExtensions
{
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = $"{builder.Name}-standard";
        builder.Services.TryAddKeyedSingleton(name, static (services, _) =>
            new StandardResilience(services.GetService<TimeProvider>() ?? TimeProvider.System));
        builder.AddHttpMessageHandler(services =>
            new StandardResilienceHandler(services.GetRequiredKeyedService<StandardResilience>(name)));
        return new HttpStandardResiliencePipelineBuilder(name, builder.Services);
    }
}
