using System.Runtime.Versioning;

namespace Sluice.Cli.Tests;

[UnsupportedOSPlatform("windows")]
public sealed class SettingsTests : IDisposable
{
    private const string NoPolicies = """{"breaker":{"state":"closed","since":"2026-01-01T00:00:00Z"},"policies":[]}""";

    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("sluice-cli-");

    private string ConfigPath => Path.Combine(home.FullName, "sluice", "config.json");

    public void Dispose() => home.Delete(recursive: true);

    [Fact]
    public async Task An_option_counts_before_the_environment_and_that_before_the_file()
    {
        await using var standIn = await StandIn.StartAsync(200, NoPolicies);
        Configure($$"""{"gateway":"{{standIn.Address}}","key":"of-file"}""", UnixFileMode.UserRead);
        var (file, key) = (("XDG_CONFIG_HOME", home.FullName), ("SLUICE_KEY", "of-environment"));

        await new Shell(file).RunAsync("limits list");
        await new Shell(file, key).RunAsync("limits list");
        await new Shell(file, key).RunAsync("limits list --key of-option");
        var elsewhere = await new Shell(file, ("SLUICE_GATEWAY", "http://127.0.0.1:9")).RunAsync("limits list");
        await new Shell(file, ("SLUICE_GATEWAY", "http://127.0.0.1:9")).RunAsync($"limits list --gateway {standIn.Address}");

        Assert.Equal(["of-file", "of-environment", "of-option", "of-file"], standIn.Arrivals.Select(arrival => arrival.Key));
        Assert.Equal(ExitCode.Unreachable, elsewhere.Code);
        Assert.Contains("http://127.0.0.1:9/", elsewhere.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, true)]
    public async Task A_key_that_others_can_read_is_pointed_out(UnixFileMode mode, bool isPointedOut)
    {
        await using var standIn = await StandIn.StartAsync(200, NoPolicies);
        Configure($$"""{"gateway":"{{standIn.Address}}","key":"secret"}""", mode);

        var outcome = await new Shell(("XDG_CONFIG_HOME", home.FullName)).RunAsync("limits list --json");

        Assert.Equal(isPointedOut ? $"Others can read the key in {ConfigPath}: chmod 600 {ConfigPath}" : "", outcome.Error.Trim());
        Assert.Empty(outcome.Json.GetProperty("policies").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"gatway":"http://localhost"}""", "gatway")]
    [InlineData("""{"gateway":"localhost:8080"}""", "'localhost:8080' is no address of a gateway")]
    [InlineData("gateway: localhost", "isn't as")]
    public async Task A_faulty_config_file_is_named_with_its_fault(string content, string fault)
    {
        Configure(content, UnixFileMode.UserRead);

        var outcome = await new Shell(("XDG_CONFIG_HOME", home.FullName)).RunAsync("limits list");

        Assert.Equal(ExitCode.Usage, outcome.Code);
        Assert.Contains(ConfigPath, outcome.Error, StringComparison.Ordinal);
        Assert.Contains(fault, outcome.Error, StringComparison.Ordinal);
    }

    private void Configure(string content, UnixFileMode mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(ConfigPath)!);
        File.WriteAllText(ConfigPath, content);
        File.SetUnixFileMode(ConfigPath, mode);
    }
}
