using Sluice.Sources.Reading;

namespace Sluice.ImportTests.Reading;

public sealed class LinkHeaderTests
{
    [Theory]
    [InlineData("</a>; rel=\"next\"", "/a")]
    [InlineData("</a>; rel=next", "/a")]
    [InlineData("</a>; rel=\"prev\", </b>; rel=\"next\"", "/b")]
    [InlineData("</a>; title=\"x, <y>; rel=next\"; rel=\"first\", </b>; REL=\"last next\"", "/b")]
    [InlineData("</a?x=1,2>; rel=\"next\"", "/a?x=1,2")]
    [InlineData("</a>; rel=\"next-archive\"", null)]
    [InlineData("</a>; rel=nextish", null)]
    [InlineData("</a>", null)]
    [InlineData("", null)]
    public void Finds_the_next_page(string header, string? next) => Assert.Equal(next, LinkHeader.Next([header]));

    [Fact]
    public void Finds_it_among_several_headers() =>
        Assert.Equal("/b", LinkHeader.Next(["</a>; rel=prev", "</b>; rel=next"]));
}
