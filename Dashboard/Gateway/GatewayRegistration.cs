using Microsoft.Extensions.Options;

namespace Sluice.Dashboard.Gateway;

internal static class GatewayRegistration
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void AddGatewayClient(this IServiceCollection services)
    {
        services.AddHttpClient(GatewayClient.Name)
            .RemoveAllLoggers()

            // The default handlers go: they would repeat what starts an import.
            .ConfigureAdditionalHttpMessageHandlers(static (handlers, _) => handlers.Clear())
            .AddServiceDiscovery()
            .ConfigureHttpClient(static (provider, client) =>
            {
                client.BaseAddress = new Uri("https+http://gateway");
                client.Timeout = Patience;
                client.DefaultRequestHeaders.TryAddWithoutValidation("X-API-Key", provider.GetRequiredService<IOptions<DashboardOptions>>().Value.ApiKey);
            });
        services.AddSingleton<GatewayClient>();
    }
}
