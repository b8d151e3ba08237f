using Sluice.Sources.Reading;

namespace Sluice.ImportTests.Reading;

public sealed class PathTemplateTests
{
    [Theory]
    [InlineData("items/{id}", "items/a%20b%2F%3Fc")]
    [InlineData("items?id={id}&size={size}", "items?id=a%20b%2F%3Fc&size=20")]
    [InlineData("items?cursor={none}&size={size}", "items?size=20")]
    [InlineData("items?cursor={none}", "items")]
    [InlineData("items?fixed=1", "items?fixed=1")]
    [InlineData("items/{id", "items/{id")]
    [InlineData("{size}/{size}", "20/20")]
    public void Fills_what_has_a_value_and_leaves_out_parameters_that_have_none(string template, string filled) =>
        Assert.Equal(filled, PathTemplate.Fill(template, name => name switch { "id" => "a b/?c", "size" => "20", _ => null }));

    [Fact]
    public void A_value_that_looks_like_a_placeholder_is_not_filled_again() =>
        Assert.Equal("items/%7Bid%7D", PathTemplate.Fill("items/{id}", _ => "{id}"));
}
