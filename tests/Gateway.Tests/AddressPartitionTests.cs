using System.Net;
using Sluice.Gateway.Clients;

namespace Sluice.Gateway.Tests;

public sealed class AddressPartitionTests
{
    [Theory]
    [InlineData("192.0.2.1", "ip:192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "ip:192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "ip:2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::", "ip:2001:db8:1:2::/64")]
    [InlineData("fe80::1%3", "ip:fe80::/64")]
    [InlineData("::1", "ip:::/64")]
    [InlineData(null, "ip:unknown")]
    public void An_ipv4_address_is_one_caller_and_an_ipv6_network_of_64_bits_is_one(string? address, string expected) =>
        Assert.Equal(expected, AddressPartition.Of(address is null ? null : IPAddress.Parse(address)));
}
