using System.Text;
using System.Text.Json;
using Sluice.Sources.Reading;

namespace Sluice.ImportTests.Reading;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{ "b": 1, "a": [ 1, 2 ] }""", """{"a":[1,2],"b":1}""")]
    [InlineData("""{"a":{"d":true,"c":null}}""", """{"a":{"c":null,"d":true}}""")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2}""")]
    [InlineData("""["\u0061","\/"]""", """["a","/"]""")]
    [InlineData("[1.0,1.50,-0.0,100,0.000]", "[1,1.5,0,100,0]")]
    [InlineData("[1e2,12345678901234567890123456789012345.10]", "[1e2,12345678901234567890123456789012345.10]")]
    public void What_says_the_same_reads_the_same(string json, string expected) => Assert.Equal(expected, Canonical(json));

    [Theory]
    [InlineData("[1,2]", "[2,1]")]
    [InlineData("[1]", "[\"1\"]")]
    [InlineData("{\"a\":null}", "{}")]
    [InlineData("[0.1234567890123456789012345678901]", "[0.1234567890123456789012345678902]")]
    [InlineData("[1e-30]", "[1e-31]")]
    public void What_says_something_else_reads_otherwise(string json, string other) => Assert.NotEqual(Canonical(json), Canonical(other));

    private static string Canonical(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Encoding.UTF8.GetString(CanonicalJson.Of(document.RootElement));
    }
}
