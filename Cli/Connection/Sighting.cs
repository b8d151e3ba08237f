using System.Text.Json;

namespace Sluice.Cli.Connection;

/// <summary>What is watched, as it stood at one time; or why it can't be seen just now.</summary>
/// <param name="Body">Undefined where there is a trouble.</param>
/// <param name="IsLast">There is nothing more to see.</param>
/// <param name="Trouble">A sentence; null where all is well.</param>
internal readonly record struct Sighting(JsonElement Body, bool IsLast, string? Trouble = null)
{
    public static Sighting Of(string trouble) => new(default, IsLast: false, trouble);
}
