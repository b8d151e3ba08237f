using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>What a person sees when the start has come to its end.</summary>
internal static class StartTable
{
    public static IEnumerable<string> Format(IReadOnlyList<(string Id, CustomResourceSnapshot Snapshot)> replicas, TimeSpan elapsed)
    {
        var idWidth = replicas.Select(replica => replica.Id.Length).Append("resource".Length).Max();
        var stateWidth = replicas.Select(replica => State(replica.Snapshot).Length).Append("state".Length).Max();

        yield return "";
        yield return Row("resource", "state", "URL");
        foreach (var (id, snapshot) in replicas)
            yield return Row(id, State(snapshot), string.Join(" ", snapshot.Urls.Select(url => url.Url)));
        yield return "";

        var failed = replicas.Where(replica => !replica.Snapshot.IsHealthy && replica.Snapshot.ExitCode != 0).ToList();
        foreach (var (id, snapshot) in failed)
            yield return $"{id}: {(snapshot.Reason ?? "").Split(Environment.NewLine)[0].TrimEnd(':')}";
        if (failed.Count == 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"All resources are up after {elapsed.TotalSeconds:0.0} s. Ctrl-C stops them.");
        yield return "";

        foreach (var (id, url) in replicas.Where(replica => replica.Snapshot.IsHealthy).SelectMany(replica => replica.Snapshot.Urls.Where(url => !url.IsInternal).Select(url => (replica.Id, url))))
        {
            yield return $"{id}: {url.Url}";
            if (url.DisplayProperties.DisplayName.Length > 0)
                yield return $"  {url.DisplayProperties.DisplayName}";
        }

        string Row(string id, string state, string url) => $"  {id.PadRight(idWidth)}  {state.PadRight(stateWidth)}  {url}".TrimEnd();
    }

    private static string State(CustomResourceSnapshot snapshot) => snapshot.IsHealthy ? "Healthy" : snapshot.State?.Text ?? "";
}
