using System.Globalization;
using Sluice.ServiceDefaults.Startup;

namespace Sluice.Gateway.Clients;

internal static class ClientsCheck
{
    private const int LongestName = 64;

    public static void Check(ClientsOptions clients, OptionFaults faults)
    {
        foreach (var (name, client) in clients)
        {
            faults.Require(IsName(name), name, $"must be named with 1 to {LongestName} letters, digits, '-', '_' or '.'");
            faults.Require(IsHash(client.KeySha256), $"{name}:{nameof(client.KeySha256)}", "must be a SHA-256 in 64 hexadecimal digits");
            for (var index = 0; index < client.Roles.Count; index++)
                faults.Require(
                    Roles.All.Contains(client.Roles[index]),
                    string.Create(CultureInfo.InvariantCulture, $"{name}:{nameof(client.Roles)}:{index}"),
                    $"must be one of {string.Join(", ", Roles.All)}, is '{client.Roles[index]}'");
        }

        foreach (var same in clients.Where(client => IsHash(client.Value.KeySha256)).GroupBy(client => client.Value.KeySha256, StringComparer.OrdinalIgnoreCase))
            foreach (var (name, _) in same.Skip(1))
                faults.Add($"{name}:{nameof(ClientOptions.KeySha256)}", $"must be its own, is that of {same.First().Key}");
    }

    /// <summary>A name goes into Redis keys and headers.</summary>
    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    private static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);
}
