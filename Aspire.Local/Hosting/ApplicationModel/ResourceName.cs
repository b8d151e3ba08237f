using System.Text.RegularExpressions;

namespace Aspire.Hosting.ApplicationModel;

internal static partial class ResourceName
{
    /// <exception cref="ArgumentException">The name is not made of letters, digits and single hyphens, or is too long.</exception>
    public static void Validate(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Length > 64 || !Allowed().IsMatch(name))
            throw new ArgumentException(
                $"Resource name '{name}' is invalid: it must start with an ASCII letter, contain only ASCII letters, digits and single hyphens, not end with a hyphen, and have at most 64 characters.",
                nameof(name));
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$")]
    private static partial Regex Allowed();
}
