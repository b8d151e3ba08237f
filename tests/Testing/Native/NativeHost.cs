using System.Security.Cryptography;
using Aspire.Hosting.Servers;

namespace Sluice.Testing;

/// <summary>The servers of one test process: children of one guard, so that none outlives the run, however it ends.</summary>
internal static class NativeHost
{
    private static readonly Lazy<ProcessGuard> guard = new(() => new ProcessGuard());

    public static ProcessGuard Guard => guard.Value;

    public static NativeServerOptions Options(string name) => new(
        name,
        Guard.CreatePrivateFolder("sluice-test-" + name),
        KeepData: false,
        FreePorts.Next(),
        RandomNumberGenerator.GetHexString(24, lowercase: true),
        InstallServers: Environment.GetEnvironmentVariable("Sluice__InstallServers") != "false",
        Output: static _ => { });
}
