namespace Sluice.Gateway.Clients;

public static class Roles
{
    /// <summary>May change what runs: start and cancel imports.</summary>
    public const string Operator = "operator";

    public static IReadOnlyList<string> All { get; } = [Operator];
}
