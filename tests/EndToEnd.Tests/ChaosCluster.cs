using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Sluice.Testing;

namespace Sluice.EndToEnd.Tests;

/// <summary>
/// The whole system with windows of 40 per 1 s and 150 per 5 s, 900 items, and 300 days of records; what is lost is missed after seconds, and
/// an attempt has many others behind it, so that nothing fails because a service was away for long.
/// </summary>
public sealed class ChaosCluster : Cluster
{
    public const int CatalogueItems = 900;
    public const int Days = 300;

    private const int Attempts = 100;

    public static DateOnly FirstDay { get; } = new(2025, 1, 1);

    public static IReadOnlyList<(int Permits, TimeSpan Window)> Windows { get; } = [(40, TimeSpan.FromSeconds(1)), (150, TimeSpan.FromSeconds(5))];

    /// <summary>Starts a backfill of all days and returns where it can be read.</summary>
    public async Task<Uri> BackfillAsync(CancellationToken cancellationToken)
    {
        using var response = await Operator.PostAsJsonAsync(
            "/backfills", new { source = "records", from = FirstDay, to = FirstDay.AddDays(Days - 1) }, cancellationToken);
        response.EnsureSuccessStatusCode();
        return response.Headers.Location!;
    }

    /// <summary>The ids of all records of the days, as the API has them, past all limits.</summary>
    public async Task<List<string>> RecordsAsync(CancellationToken cancellationToken)
    {
        using var api = App.CreateHttpClient("itemapi", "http");
        List<string> ids = [];
        for (var day = 0; day < Days; day++)
        {
            var page = await api.GetFromJsonAsync<JsonElement>($"/api/records?date={FirstDay.AddDays(day):yyyy-MM-dd}&limit=100", cancellationToken);
            ids.AddRange(page.GetProperty("data").EnumerateArray().Select(record => record.GetProperty("id").GetString()!));
        }

        return ids;
    }

    /// <summary>The keys of all records that were brought.</summary>
    public async Task<List<string>> BackfilledAsync(CancellationToken cancellationToken)
    {
        await using var database = NpgsqlDataSource.Create((await App.GetConnectionStringAsync("imports", cancellationToken))!);
        await using var command = database.CreateCommand("select key from backfilled_records");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> keys = [];
        while (await reader.ReadAsync(cancellationToken))
            keys.Add(reader.GetString(0));
        return keys;
    }

    /// <summary>kill -9, and a start. Redis comes back empty.</summary>
    public Task KillAndStartAsync(string resource, CancellationToken cancellationToken) => KillAndStartAsync(resource, static () => { }, cancellationToken);

    /// <summary>Stops and starts it.</summary>
    public async Task RestartAsync(string resource, CancellationToken cancellationToken)
    {
        await App.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.RestartCommand, cancellationToken);
        await UntilHealthyAsync(resource, cancellationToken);
    }

    /// <summary>kill -9, and a start without all that the broker had: queues, exchanges, messages.</summary>
    /// <remarks>
    /// Queues that are deleted while the broker runs would be declared anew at once, and RabbitMQ 3.10 can leave a quorum queue that was declared
    /// up to a second before a kill without a leader until an operator elects one: see docs/operations.md.
    /// </remarks>
    public Task KillAndWipeBrokerAsync(CancellationToken cancellationToken)
    {
        const string variable = "RABBITMQ_MNESIA_BASE=";
        var data = File.ReadAllText($"/proc/{ProcessOf("rabbitmq")}/environ").Split('\0')
            .Single(entry => entry.StartsWith(variable, StringComparison.Ordinal))[variable.Length..];
        return KillAndStartAsync("rabbitmq", () => Directory.Delete(data, recursive: true), cancellationToken);
    }

    protected override IEnumerable<(string Name, string Value)> Settings(string proxyAddress)
    {
        (int, string)[] windows = [.. Windows.Select(window => (window.Permits, window.Window.ToString("c", CultureInfo.InvariantCulture)))];
        return
        [
            ("Catalog__Items", CatalogueItems.ToString(CultureInfo.InvariantCulture)),
            ("Records__PerDay", "40"),
            ("Sources__records__List__PageSize", "15"),
            .. Limits("RateLimiting__Policies__items__Tiers", windows),
            .. ((string[])["items", "records"]).SelectMany(source => ((string, string)[])
            [
                ($"Sources__{source}__BaseAddress", proxyAddress),
                ($"Sources__{source}__Lease", "00:00:06"),
                .. Limits($"Sources__{source}__Limits", windows),
                .. Enumerable.Range(0, Attempts).Select(attempt => ($"Sources__{source}__RetryDelays__{attempt}", "00:00:01")),
            ]),
            ("Imports__RepublishAfter", "00:00:05"),
            ("Imports__RepublishPageAfter", "00:00:03"),
            ("Imports__SweepInterval", "00:00:01"),
        ];
    }

    private async Task KillAndStartAsync(string resource, Action whileAway, CancellationToken cancellationToken)
    {
        var killed = ProcessOf(resource);
        await KillAsync(resource, cancellationToken);
        whileAway();
        await Deadline.UntilAsync(
            async () =>
            {
                // The end may not have been noticed yet, and a start is none before.
                if (KnownResourceStates.TerminalStates.Contains(StateOf(resource).State?.Text))
                    await App.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken);
                return ProcessOf(resource) != killed;
            },
            $"{resource} starts again", TimeSpan.FromMinutes(2), cancellationToken);
        await UntilHealthyAsync(resource, cancellationToken);
    }

    private async Task UntilHealthyAsync(string resource, CancellationToken cancellationToken) => await Deadline.UntilAsync(
        () => Task.FromResult(StateOf(resource).HealthStatus == HealthStatus.Healthy), $"{resource} is healthy again", TimeSpan.FromMinutes(2), cancellationToken);
}
