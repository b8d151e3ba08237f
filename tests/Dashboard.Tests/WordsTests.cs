using Microsoft.JSInterop;
using Sluice.Contracts;
using Sluice.Dashboard.Components.Parts;
using Sluice.Dashboard.Pages.Backfills;

namespace Sluice.Dashboard.Tests;

/// <summary>What figures are called and how they are written.</summary>
public sealed class WordsTests
{
    [Theory]
    [InlineData(1, "good", "excellent")]
    [InlineData(0.901, "good", "excellent")]
    [InlineData(0.9, "fair", "fair")]
    [InlineData(0.5, "fair", "fair")]
    [InlineData(0.499, "bad", "poor")]
    [InlineData(0, "bad", "poor")]
    public void An_efficiency_has_a_grade(double efficiency, string tone, string word) =>
        Assert.Equal((tone, word), EfficiencyGrade.Of(efficiency));

    [Theory]
    [InlineData(ItemStatus.Imported, 3, 1, "done")]
    [InlineData(ItemStatus.Failed, 1, 5, "failed")]
    [InlineData(ItemStatus.Pending, 1, 2, "waiting")]
    [InlineData(ItemStatus.Pending, 1, 0, "running")]
    [InlineData(ItemStatus.Pending, 0, 0, "pending")]
    public void A_day_looks_like_its_state(string status, int pages, int failures, string look) =>
        Assert.Equal(look, DayState.Of(new BackfillDay(new DateOnly(2025, 1, 1), status, pages, 0, failures, null, null, null)).Class);

    [Fact]
    public async Task Charts_write_numbers_as_the_browser_does()
    {
        var viewer = new ViewerFormat(new GermanBrowser());
        Assert.Equal("1,234.5", viewer.Number(1234.5));

        Assert.True(await viewer.AskAsync());
        Assert.False(await viewer.AskAsync());

        Assert.Equal("1.234,5", viewer.Number(1234.5));
        Assert.Equal("123,5 k", viewer.Number(123_456));
        Assert.Equal("45,5 s", viewer.Seconds(45.5));
        Assert.Equal("1:02:05", viewer.Seconds(3725));
        Assert.Equal("14:30:00", viewer.Clock(new DateTimeOffset(2026, 7, 1, 12, 30, 0, TimeSpan.Zero)));
    }

    private sealed class GermanBrowser : IJSRuntime
    {
        public ValueTask<T> InvokeAsync<T>(string identifier, object?[]? args) => InvokeAsync<T>(identifier, default, args);

        public ValueTask<T> InvokeAsync<T>(string identifier, CancellationToken cancellationToken, object?[]? args) =>
            new(System.Text.Json.JsonSerializer.Deserialize<T>("""{"group":".","decimal":",","offsetMinutes":120}""", System.Text.Json.JsonSerializerOptions.Web)!);
    }
}
