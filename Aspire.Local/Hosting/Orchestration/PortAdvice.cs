using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Orchestration;

/// <summary>Says how to choose another port, where configuration names it.</summary>
internal static class PortAdvice
{
    public static string For(int port, IConfiguration configuration)
    {
        var value = port.ToString(CultureInfo.InvariantCulture);
        var key = configuration.AsEnumerable()
            .FirstOrDefault(setting => setting.Value == value && setting.Key.EndsWith(":Port", StringComparison.OrdinalIgnoreCase)).Key;
        return key is null ? "stop that program or choose another port" : $"choose another with --{key}={(port < 65535 ? port + 1 : port - 1)}";
    }
}
