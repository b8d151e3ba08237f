namespace Sluice.ServiceDefaults.Startup;

/// <summary>
/// The service refuses to start, for reasons that its operator can mend. Prints as these reasons, one per line and without a stack
/// trace: where the fault lies is in the configuration, not in the code.
/// </summary>
public sealed class StartupException(IReadOnlyList<string> faults, Exception? cause = null)
    : Exception($"The service cannot start:{string.Concat(faults.Select(fault => $"{Environment.NewLine}  - {fault}"))}", cause)
{
    public IReadOnlyList<string> Faults => faults;

    public override string ToString() => Message;
}
