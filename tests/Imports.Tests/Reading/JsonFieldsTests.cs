using System.Text.Json;
using Sluice.Sources.Reading;

namespace Sluice.ImportTests.Reading;

public sealed class JsonFieldsTests
{
    [Theory]
    [InlineData("""{"id":7}""", "id", "7")]
    [InlineData("""{"id":"a-7"}""", "id", "a-7")]
    [InlineData("""{"meta":{"key":{"id":12345678901234567890}}}""", "meta.key.id", "12345678901234567890")]
    public void An_id_is_a_text_or_a_number_at_any_depth(string json, string path, string id) => Assert.Equal(id, Root(json).Id(path));

    [Theory]
    [InlineData("""{}""", "'id' is missing")]
    [InlineData("""{"id":null}""", "'id' is missing")]
    [InlineData("""{"id":""}""", "'id' is not an id of 1 to 500 characters: \"\"")]
    [InlineData("""{"id":[1]}""", "'id' is not an id of 1 to 500 characters: [1]")]
    [InlineData("""{"id":"\ud800"}""", "'id' is not Unicode text")]
    public void What_is_no_id_is_a_fault_that_stays(string json, string reason)
    {
        var fault = Assert.Throws<SourceException>(() => Root(json).Id("id"));
        Assert.Equal((SourceFault.Permanent, reason), (fault.Fault, fault.Message));
    }

    [Fact]
    public void An_id_that_no_index_could_hold_is_refused() =>
        Assert.Throws<SourceException>(() => Root($$"""{"id":"{{new string('x', 501)}}"}""").Id("id"));

    [Theory]
    [InlineData("""{"price":1.10}""", "1.10")]
    [InlineData("""{"price":"1.10"}""", "1.10")]
    [InlineData("""{"price":1e3}""", "1000")]
    public void A_price_keeps_its_digits(string json, string price) =>
        Assert.Equal(decimal.Parse(price, null), Root(json).Decimal("price"));

    [Theory]
    [InlineData("""{"price":"1,10"}""")]
    [InlineData("""{"price":1e400}""")]
    [InlineData("""{"price":true}""")]
    [InlineData("""{}""")]
    public void What_is_no_price_is_a_fault_that_stays(string json) =>
        Assert.Equal(SourceFault.Permanent, Assert.Throws<SourceException>(() => Root(json).Decimal("price")).Fault);

    [Fact]
    public void The_array_may_be_the_body_itself()
    {
        Assert.Equal(2, Root("[1,2]").Array("").GetArrayLength());
        Assert.Equal(2, Root("""{"a":{"b":[1,2]}}""").Array("a.b").GetArrayLength());
        Assert.Throws<SourceException>(() => Root("{}").Array(""));
    }

    private static JsonElement Root(string json) => JsonDocument.Parse(json).RootElement.Clone();
}
