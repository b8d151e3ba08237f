namespace Sluice.Cli;

/// <summary>What a script can tell from the end of a command. The numbers are a promise: docs/cli.md lists them.</summary>
internal enum ExitCode
{
    Ok = 0,

    /// <summary>Something broke: the gateway answered with what nobody expects.</summary>
    Failed = 1,

    /// <summary>The command line, the config file or a field of the request is wrong; nothing was done.</summary>
    Usage = 2,

    /// <summary>The gateway, or what is behind it, can't be reached now.</summary>
    Unreachable = 3,

    /// <summary>The key is missing, not registered, or lacks the role.</summary>
    Refused = 4,

    /// <summary>A limit is used up.</summary>
    Limited = 5,

    NotFound = 6,

    /// <summary>The state forbids it: it has ended, it is sold out, another one is open.</summary>
    Conflict = 7,

    /// <summary>What was watched has ended, and not all went well: an import with failed items, a rejected order.</summary>
    EndedWithFailures = 8,

    /// <summary>Ctrl-C, or a request to terminate.</summary>
    Interrupted = 130,
}
