using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sluice.Cli.Output;
using Sluice.Contracts.Limits;

namespace Sluice.Cli.Limits;

/// <summary>limits.</summary>
internal static class LimitsCommands
{
    public static Command Create(CommandFactory commands)
    {
        var policy = new Argument<string>("policy") { Description = "Name of the policy, such as items." };
        var client = new Argument<string>("client") { Description = "Name of a registered client, or an address." };
        var limits = new Command("limits", "Policies, where clients stand in them, and fresh starts.");
        limits.Subcommands.Add(commands.Create(
            "list", "The policies in force.", [],
            async (session, _, token) => List(session.Printer, await session.Gateway.GetAsync("limits", token)),
            "sluice limits list"));
        limits.Subcommands.Add(commands.Create(
            "show", "Where a client stands in a policy.", [policy, client],
            async (session, parsed, token) => Show(
                session.Printer, await session.Gateway.GetAsync(PathOf(parsed.GetValue(policy)!, parsed.GetValue(client)!), token)),
            "sluice limits show data test-client", "sluice limits show data 203.0.113.7"));
        limits.Subcommands.Add(commands.Create(
            "reset", "Give a client a fresh start in a policy.", [policy, client],
            (session, parsed, token) => ResetAsync(session, parsed.GetValue(policy)!, parsed.GetValue(client)!, token),
            "sluice limits reset data test-client"));
        return limits;
    }

    private static ExitCode List(Printer printer, JsonElement answer)
    {
        if (printer.IsJson)
        {
            printer.Document(answer);
            return ExitCode.Ok;
        }

        var list = answer.Deserialize<PolicyList>(JsonSerializerOptions.Web)!;
        if (list.Breaker is { State: not BreakerState.Closed } breaker)
            printer.Note($"Redis has been away since {Words.Moment(breaker.Since)}.");
        var rows =
            from policy in list.Policies
            from tier in policy.Tiers
            select (string[])
            [
                policy.Name, tier.Algorithm, Words.Count(tier.Permits), $"{Seconds(tier.WindowSeconds)} s", Words.Count(tier.Burst),
                policy.Partition, policy.OnStoreFailure, policy.Shadow ? "shadow" : "",
            ];
        printer.Table(["policy", "algorithm", ">permits", ">per", ">at once", "counts by", "without Redis", "mode"], [.. rows]);
        return ExitCode.Ok;
    }

    private static ExitCode Show(Printer printer, JsonElement answer)
    {
        if (printer.IsJson)
        {
            printer.Document(answer);
            return ExitCode.Ok;
        }

        var status = answer.Deserialize<ClientStatus>(JsonSerializerOptions.Web)!;
        printer.Facts(
        [
            ("policy", status.Shadow ? $"{status.Policy} (shadow: nobody is refused)" : status.Policy),
            ("client", $"{status.Client}, counted as {status.Partition}{(status.Overridden ? ", with limits of its own" : "")}"),
            ("next request", status.Unlimited ? "passes: there is no limit"
                : status.RetryAfterSeconds == 0 ? "passes" : $"passes in {Seconds(Math.Ceiling(status.RetryAfterSeconds * 10) / 10)} s"),
        ]);
        if (!status.Unlimited)
            printer.Table(["tier", "algorithm", ">limit", ">used", ">remaining", ">more in"], [.. status.Tiers.Select(tier => (string[])
            [
                tier.Name, tier.Algorithm, Words.Count(tier.Limit), Words.Count(tier.Used), Words.Count(tier.Remaining), $"{Seconds(Math.Ceiling(tier.ResetAfterSeconds * 10) / 10)} s",
            ])]);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> ResetAsync(Session session, string policy, string client, CancellationToken cancellationToken)
    {
        await session.Gateway.SendAsync(HttpMethod.Delete, PathOf(policy, client), null, cancellationToken);
        if (session.Printer.IsJson)
            session.Printer.Document(JsonSerializer.SerializeToElement(new { policy, client, reset = true }));
        else
            session.Printer.Line($"'{client}' begins afresh in '{policy}'.");
        return ExitCode.Ok;
    }

    private static string PathOf(string policy, string client) => $"limits/{Uri.EscapeDataString(policy)}/{Uri.EscapeDataString(client)}";

    private static string Seconds(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);
}
