using System.Text.Json;
using Sluice.Contracts;

namespace Sluice.Cli.Runs;

/// <summary>Imports or backfills: what differs between them.</summary>
/// <param name="Name">As it is typed.</param>
/// <param name="Path">Where they are.</param>
/// <param name="Parts">What they consist of.</param>
/// <param name="PartsPath">Where a run's parts are, below it.</param>
/// <param name="Read">Reads a snapshot.</param>
internal sealed record RunKind(string Name, string Path, string Parts, string PartsPath, Func<JsonElement, Run> Read)
{
    public static RunKind Import { get; } = new(
        "import", "imports", "items", "items", snapshot => Run.Of(snapshot.Deserialize<ImportSnapshot>(JsonSerializerOptions.Web)!));

    public static RunKind Backfill { get; } = new(
        "backfill", "backfills", "days", "days", snapshot => Run.Of(snapshot.Deserialize<BackfillSnapshot>(JsonSerializerOptions.Web)!));

    public string PathOf(string id) => $"{Path}/{Uri.EscapeDataString(id)}";
}
