using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Sluice.Contracts;
using Sluice.ServiceDefaults.Startup;
using Sluice.Testing;

namespace Sluice.ItemApi.Tests;

public sealed class UploadTests(PostgresFixture postgres)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(70_000, false)]
    [InlineData(70_000, true)]
    [InlineData(1_048_576, false)]
    [InlineData(1_048_576, true)]
    public async Task A_body_up_to_the_limit_is_counted_and_digested(int bytes, bool chunked)
    {
        await using var catalogue = await Catalogue.ListenAsync(postgres, Stop);
        var body = RandomNumberGenerator.GetBytes(bytes);

        using var answer = await SendAsync(catalogue, body, chunked);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        using var json = JsonDocument.Parse(text);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["bytes", "sha256"], json.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            new UploadReceipt(bytes, Convert.ToHexStringLower(SHA256.HashData(body))),
            JsonSerializer.Deserialize(text, ItemsJson.Default.UploadReceipt));
    }

    [Theory]
    [InlineData(1_048_577, false)]
    [InlineData(1_048_577, true)]
    [InlineData(5_000_000, false)]
    [InlineData(5_000_000, true)]
    public async Task A_larger_body_is_413_and_the_answer_names_the_limit(int bytes, bool chunked)
    {
        await using var catalogue = await Catalogue.ListenAsync(postgres, Stop);

        using var answer = await SendAsync(catalogue, new byte[bytes], chunked);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("1048576", problem.RootElement.GetProperty("detail").GetString()!);
        Assert.Equal(1_048_576, problem.RootElement.GetProperty("maxBytes").GetInt64());
    }

    [Fact]
    public async Task A_body_without_end_is_refused_when_it_passes_the_limit()
    {
        await using var catalogue = await Catalogue.ListenAsync(postgres, Stop, settings: ("Upload:MaxBytes", "1000"));
        using var connection = await RawUpload.StartAsync(catalogue.Client.BaseAddress!, "Transfer-Encoding: chunked", Stop);

        await connection.SendAsync("3E8\r\n" + new string('x', 1000) + "\r\n", Stop);
        await connection.SendAsync("1\r\nx\r\n", Stop);

        Assert.Contains(" 413 ", await connection.ReadLineAsync(Stop));
    }

    [Theory]
    [InlineData(1000, HttpStatusCode.OK)]
    [InlineData(1001, HttpStatusCode.RequestEntityTooLarge)]
    public async Task The_limit_is_a_setting(int bytes, HttpStatusCode expected)
    {
        await using var catalogue = await Catalogue.ListenAsync(postgres, Stop, settings: ("Upload:MaxBytes", "1000"));

        using var whole = await SendAsync(catalogue, new byte[bytes], chunked: false);
        using var chunked = await SendAsync(catalogue, new byte[bytes], chunked: true);

        Assert.Equal((expected, expected), (whole.StatusCode, chunked.StatusCode));
    }

    [Fact]
    public async Task The_limit_may_be_larger_than_the_web_servers_own()
    {
        await using var catalogue = await Catalogue.ListenAsync(postgres, Stop, settings: ("Upload:MaxBytes", "40000000"));

        using var answer = await SendAsync(catalogue, new byte[40_000_000], chunked: true);

        Assert.Equal(40_000_000, (await answer.Content.ReadFromJsonAsync(ItemsJson.Default.UploadReceipt, Stop))!.Bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_empty_body_is_400_and_names_the_body(bool chunked)
    {
        await using var catalogue = await Catalogue.ListenAsync(postgres, Stop);

        using var answer = await SendAsync(catalogue, [], chunked);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(["body"], problem.RootElement.GetProperty("errors").EnumerateObject().Select(fault => fault.Name));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1073741825")]
    [InlineData("1MiB")]
    public async Task A_limit_out_of_range_stops_the_start_and_names_the_setting(string maxBytes)
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(
            () => Catalogue.ListenAsync(postgres, Stop, settings: ("Upload:MaxBytes", maxBytes)));

        Assert.Contains("Upload:MaxBytes", Assert.Single(refusal.Faults));
    }

    private static async Task<HttpResponseMessage> SendAsync(Catalogue catalogue, byte[] body, bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/upload") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;
        return await catalogue.Client.SendAsync(request, Stop);
    }
}
