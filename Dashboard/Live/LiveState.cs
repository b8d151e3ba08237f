using Sluice.Dashboard.Gateway;

namespace Sluice.Dashboard.Live;

/// <summary>What is known of a watched value.</summary>
/// <param name="Value">The newest one that was read; none before the first.</param>
/// <param name="At">When it was read.</param>
/// <param name="Fault">Why it could not be read again since; null while all is well.</param>
public sealed record LiveState<T>(T? Value, DateTimeOffset? At, GatewayException? Fault)
    where T : class
{
    /// <summary>Nothing is known yet, not even that it can't be read.</summary>
    public bool IsLoading => Value is null && Fault is null;
}
