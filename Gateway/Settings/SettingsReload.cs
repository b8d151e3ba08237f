using System.Threading.Channels;
using Microsoft.Extensions.Primitives;
using Sluice.Gateway.Traffic;

namespace Sluice.Gateway.Settings;

/// <summary>
/// Follows edits of the settings files while the gateway runs. An edit with which the gateway would not start is refused as a whole, with
/// all its faults in the log; any other takes effect as a whole.
/// </summary>
internal sealed partial class SettingsReload(
    SettingsFiles files, Rehearsal rehearsal, IConfiguration configuration, TimeProvider time, ILoggerFactory logs, ILogger<SettingsReload> logger)
    : BackgroundService
{
    /// <summary>Most who save a file do so in several writes.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);

    /// <summary>A file that breaks off may still be being written, by somebody who has to wait for the machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(750);

    /// <summary>Sections that are read once, at the start.</summary>
    private static readonly string[] readOnce = ["ConnectionStrings", "ForwardedHeaders", "Kestrel", TrafficOptions.Section];

    private readonly IConfigurationRoot live = (IConfigurationRoot)configuration;
    private IReadOnlyList<string> refused = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watch = ChangeToken.OnChange(files.Watch, () => changes.Writer.TryWrite(true));

        // For what was edited between the first reading and the watch.
        changes.Writer.TryWrite(true);
        while (await changes.Reader.WaitToReadAsync(stoppingToken))
        {
            await Task.Delay(Settling, time, stoppingToken);
            changes.Reader.TryRead(out _);
            var judged = Judge();
            if (judged.IsUnreadable)
            {
                LogUnreadable(judged.Faults[0]);
                await Task.Delay(Patience, time, stoppingToken);
                changes.Reader.TryRead(out _);
                judged = Judge();
            }

            Follow(judged.Edit, judged.Faults);
        }
    }

    private void Follow(SettingsEdit? edit, IReadOnlyList<string> faults)
    {
        if (edit is null)
        {
            // One save can be several changes.
            if (!faults.SequenceEqual(refused, StringComparer.Ordinal))
                foreach (var fault in faults)
                    LogRefused(fault);
            refused = faults;
            return;
        }

        refused = [];
        if (files.IsInForce(edit))
            return;
        var before = readOnce.ToDictionary(section => section, Text);
        try
        {
            files.Publish(edit);
            LogApplied(string.Join(", ", edit.Files));
        }
        catch (Exception exception)
        {
            // Rehearsed, so not expected; one who cannot follow must not end those who can, nor the gateway.
            LogFollowerFailed(exception);
        }

        foreach (var section in readOnce.Where(section => Text(section) != before[section]))
            LogNeedsRestart(section);
    }

    /// <returns>An edit that may take effect, or why there is none, and whether that is because a file is gone or breaks off.</returns>
    private (SettingsEdit? Edit, IReadOnlyList<string> Faults, bool IsUnreadable) Judge()
    {
        try
        {
            var edit = files.Read();
            if (files.IsInForce(edit))
                return (edit, [], false);
            var faults = rehearsal.FaultsOf(live, files, edit, logs);
            return faults.Count == 0 ? (edit, [], false) : (null, faults, false);
        }
        catch (InvalidDataException exception)
        {
            return (null, [exception.Message], true);
        }
        catch (Exception exception)
        {
            // Settings that make a check throw are faulty too, and no reason to end the gateway.
            return (null, [exception.ToString()], false);
        }
    }

    private string Text(string section) => string.Join('\n', live.GetSection(section).AsEnumerable().Order(SettingOrder));

    private static readonly Comparer<KeyValuePair<string, string?>> SettingOrder =
        Comparer<KeyValuePair<string, string?>>.Create(static (one, other) => string.CompareOrdinal(one.Key, other.Key));

    [LoggerMessage(1, LogLevel.Information, "The edited settings are in force: {Files}", EventName = "SettingsApplied")]
    private partial void LogApplied(string files);

    [LoggerMessage(2, LogLevel.Error, "The edited settings are refused as a whole, the old ones stay: {Fault}", EventName = "SettingsRefused")]
    private partial void LogRefused(string fault);

    [LoggerMessage(3, LogLevel.Warning, "{Section} was edited, and takes effect when the gateway is started again", EventName = "SettingsNeedRestart")]
    private partial void LogNeedsRestart(string section);

    [LoggerMessage(4, LogLevel.Error, "The edited settings are in force, but not everybody could follow them", EventName = "SettingsFollowerFailed")]
    private partial void LogFollowerFailed(Exception exception);

    [LoggerMessage(5, LogLevel.Debug, "{Fault}; maybe it is still being written: it is read again", EventName = "SettingsUnreadable")]
    private partial void LogUnreadable(string fault);
}
