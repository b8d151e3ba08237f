using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Sluice.Testing;

/// <summary>Virtual hosts of a RabbitMQ, by its management API: queues of the same name in two of them are two queues.</summary>
internal static class VirtualHosts
{
    /// <summary>Creates a virtual host with a name of its own and returns its connection string.</summary>
    public static async Task<string> CreateAsync(string broker, int managementPort, CancellationToken cancellationToken)
    {
        var name = "test-" + Guid.NewGuid().ToString("n");
        var address = new UriBuilder(broker) { Path = name };
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{managementPort}/api/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{address.UserName}:{address.Password}")));

        await PutAsync($"vhosts/{name}", new { });
        await PutAsync($"permissions/{name}/{address.UserName}", new { configure = ".*", write = ".*", read = ".*" });
        return address.Uri.AbsoluteUri;

        async Task PutAsync(string path, object content)
        {
            using var answer = await client.PutAsJsonAsync(path, content, cancellationToken);
            answer.EnsureSuccessStatusCode();
        }
    }
}
