using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class DataTests(PostgresFixture postgres)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sample_has_the_time_the_size_of_the_catalogue_and_its_first_items()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 20, Stop);

        var before = TimeProvider.System.GetUtcNow();
        var text = await catalogue.Client.GetStringAsync("/api/data", Stop);
        var after = TimeProvider.System.GetUtcNow();
        using var json = JsonDocument.Parse(text);
        var sample = JsonSerializer.Deserialize(text, ItemsJson.Default.DataSample)!;

        Assert.Equal(["time", "items", "sample"], json.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal(["id", "name"], json.RootElement.GetProperty("sample")[0].EnumerateObject().Select(field => field.Name));
        Assert.InRange(sample.Time, before, after);
        Assert.Equal(TimeSpan.Zero, sample.Time.Offset);
        Assert.Equal(20, sample.Items);
        Assert.Equal([1, 2, 3], sample.Sample.Select(item => item.Id));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(4, 3)]
    public async Task A_small_catalogue_gives_what_it_has(int items, int expected)
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, items, Stop);

        var sample = (await catalogue.Client.GetFromJsonAsync("/api/data", ItemsJson.Default.DataSample, Stop))!;

        Assert.Equal((items, expected), (sample.Items, sample.Sample.Count));
    }

    [Fact]
    public async Task Head_is_answered_and_writing_is_not()
    {
        await using var catalogue = await Catalogue.StartAsync(postgres, 1, Stop);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/api/data");

        using var read = await catalogue.Client.SendAsync(head, Stop);
        using var write = await catalogue.Client.PostAsync("/api/data", null, Stop);

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, write.StatusCode);
    }
}
