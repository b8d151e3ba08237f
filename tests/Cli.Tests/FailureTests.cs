namespace Sluice.Cli.Tests;

public sealed class FailureTests
{
    [Theory]
    [InlineData(400, """{"title":"One or more validation errors occurred.","errors":{"source":["There is no source 'itms'. There are: items."]}}""",
        "source: There is no source 'itms'. There are: items.", 2)]
    [InlineData(401, """{"detail":"The header X-API-Key is missing."}""",
        "The header X-API-Key is missing. A key is given with SLUICE_KEY, --key, or the config file.", 4)]
    [InlineData(403, """{"detail":"The client 'test-client' lacks the role 'operator'."}""", "The client 'test-client' lacks the role 'operator'.", 4)]
    [InlineData(404, """{"detail":"There is no import 1.","errors":{"id":["There is no such import."]}}""", "There is no import 1.", 6)]
    [InlineData(409, """{"title":"Conflict","detail":"An import of 'items' has not ended: /imports/1"}""", "An import of 'items' has not ended: /imports/1", 7)]
    [InlineData(410, """{"detail":"The sale ended."}""", "The sale ended.", 7)]
    [InlineData(500, "<html>", "The gateway answered 500 Internal Server Error.", 1)]
    [InlineData(503, """{"detail":"The database cannot be reached at the moment: try again."}""", "The database cannot be reached at the moment: try again.", 3)]
    public async Task What_the_gateway_refuses_is_said_in_its_words_with_the_field(int status, string body, string sentence, int code)
    {
        await using var standIn = await StandIn.StartAsync(status, body);

        var outcome = await standIn.Shell().RunAsync("import itms");

        Assert.Equal((code, sentence, ""), ((int)outcome.Code, outcome.Error.Trim(), outcome.Output));
    }

    [Fact]
    public async Task A_limit_that_is_used_up_is_not_waited_for_and_says_when_to_return()
    {
        await using var standIn = await StandIn.StartAsync(429, """{"message":"Too Many Requests","detail":"10 requests per 60 s are used up."}""", ("Retry-After", "41"));

        var outcome = await standIn.Shell().RunAsync("import items");
        var json = await standIn.Shell().RunAsync("import items --json");

        Assert.Equal((ExitCode.Limited, "10 requests per 60 s are used up. Retry-After: 41 s."), (outcome.Code, outcome.Error.Trim()));
        var failure = System.Text.Json.JsonElement.Parse(json.Error);
        Assert.Equal((5, 41), (failure.GetProperty("exitCode").GetInt32(), failure.GetProperty("retryAfterSeconds").GetInt32()));
        Assert.Equal("10 requests per 60 s are used up.", failure.GetProperty("problem").GetProperty("detail").GetString());
        Assert.Equal(2, standIn.Arrivals.Count);
    }

    [Theory]
    [InlineData("import")]
    [InlineData("import list --limit many")]
    [InlineData("backfill records --from 2025-01-01 --to 31.12.2025")]
    [InlineData("sale open shoe")]
    [InlineData("limits show items")]
    [InlineData("nonsense")]
    public async Task A_faulty_command_line_reaches_nobody_and_names_the_help(string line)
    {
        await using var standIn = await StandIn.StartAsync(200, "{}");

        var outcome = await standIn.Shell().RunAsync(line);

        Assert.Equal((ExitCode.Usage, ""), (outcome.Code, outcome.Output));
        Assert.EndsWith("--help", outcome.Error.Trim(), StringComparison.Ordinal);
        Assert.Empty(standIn.Arrivals);
    }
}
