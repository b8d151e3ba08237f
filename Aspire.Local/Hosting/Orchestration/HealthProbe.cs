using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration;

/// <summary>One question about a replica's health.</summary>
internal interface IHealthProbe
{
    string Name { get; }

    Task<HealthReportSnapshot> AskAsync(CancellationToken cancellationToken);
}

/// <summary>A GET that must give a status.</summary>
internal sealed record HttpHealthProbe(string Name, EndpointReference Endpoint, string Path, int StatusCode) : IResourceAnnotation
{
    public IHealthProbe For(int replica, HttpClient http) => new Replica(this, replica, http);

    private sealed class Replica(HttpHealthProbe probe, int replica, HttpClient http) : IHealthProbe
    {
        private readonly Uri address = new(new Uri(probe.Endpoint.EndpointAnnotation.UrlOf(replica)), probe.Path);

        public string Name => probe.Name;

        public async Task<HealthReportSnapshot> AskAsync(CancellationToken cancellationToken)
        {
            try
            {
                using var response = await http.GetAsync(address, cancellationToken);
                var status = (int)response.StatusCode;
                return status == probe.StatusCode
                    ? new HealthReportSnapshot(Name, HealthStatus.Healthy, null, null)
                    : new HealthReportSnapshot(Name, HealthStatus.Unhealthy, $"{address} answered {status}: {await response.Content.ReadAsStringAsync(cancellationToken)}", null);
            }
            catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                return new HealthReportSnapshot(Name, HealthStatus.Unhealthy, $"{address} did not answer: {e.Message}", null);
            }
        }
    }
}

/// <summary>Asks by other means than HTTP.</summary>
internal sealed class HealthProbe(string name, Func<CancellationToken, Task<bool>> answers) : IHealthProbe
{
    public string Name => name;

    public async Task<HealthReportSnapshot> AskAsync(CancellationToken cancellationToken) => await answers(cancellationToken)
        ? new HealthReportSnapshot(Name, HealthStatus.Healthy, null, null)
        : new HealthReportSnapshot(Name, HealthStatus.Unhealthy, "it does not answer", null);
}
