using System.Text.Json.Serialization;

namespace Aspire.Hosting.Dashboard;

/// <summary>What the AppHost tells its dashboard of one replica, as JSON on a line. Environment variables stay where they are: they hold passwords.</summary>
/// <param name="Id">The replica: the resource's name, and a number where there are several.</param>
/// <param name="Name">The resource.</param>
/// <param name="Type">Project, Redis and so on.</param>
/// <param name="State">See KnownResourceStates.</param>
/// <param name="Health">Healthy, Degraded or Unhealthy; null unless it runs.</param>
/// <param name="Reason">Why it could not start or ended, for people.</param>
/// <param name="ExitCode">Of its process, if it has ended.</param>
/// <param name="Started">When it last started.</param>
/// <param name="Stopped">When it last ended.</param>
/// <param name="Urls">Where it answers.</param>
/// <param name="Properties">What else is known: its process, its program.</param>
/// <param name="Checks">Its health checks.</param>
/// <param name="WaitsFor">The resources that it waits for when it starts.</param>
/// <param name="Commands">What a person may do with it now.</param>
internal sealed record ResourceMessage(
    string Id, string Name, string Type, string State, string? Health, string? Reason, int? ExitCode, DateTime? Started, DateTime? Stopped,
    IReadOnlyList<ResourceUrl> Urls, IReadOnlyList<ResourceProperty> Properties, IReadOnlyList<ResourceCheck> Checks,
    IReadOnlyList<string> WaitsFor, IReadOnlyList<ResourceCommand> Commands);

internal sealed record ResourceUrl(string Name, string Url, string DisplayText, bool IsInternal);

internal sealed record ResourceProperty(string Name, string Value);

internal sealed record ResourceCheck(string Name, string? Status, string? Description);

/// <param name="Name">What the AppHost calls it.</param>
/// <param name="DisplayName">What people call it.</param>
/// <param name="Confirmation">What is asked before it is done.</param>
/// <param name="IsEnabled">Whether it makes sense in the present state.</param>
internal sealed record ResourceCommand(string Name, string DisplayName, string Confirmation, bool IsEnabled);

internal sealed record CommandOutcome(bool Success, string? ErrorMessage);

/// <param name="Number">The first line that the replica wrote has 1.</param>
/// <param name="Content">As it was written, with escape sequences for colours.</param>
/// <param name="IsError">Whether something is wrong.</param>
internal sealed record ConsoleLine(int Number, string Content, bool IsError);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ResourceMessage))]
[JsonSerializable(typeof(CommandOutcome))]
[JsonSerializable(typeof(ConsoleLine[]))]
internal sealed partial class ResourceJson : JsonSerializerContext;
