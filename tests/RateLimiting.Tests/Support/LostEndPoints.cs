using System.Reflection;
using StackExchange.Redis;

namespace Sluice.RateLimiting.Tests.Support;

/// <summary>A connection that fails when it is asked where it leads, as one may that is closed or whose servers change meanwhile.</summary>
public class LostEndPoints : DispatchProxy
{
    private IConnectionMultiplexer connection = null!;

    public static IConnectionMultiplexer Of(IConnectionMultiplexer connection)
    {
        var proxy = Create<IConnectionMultiplexer, LostEndPoints>();
        ((LostEndPoints)proxy).connection = connection;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IConnectionMultiplexer.GetEndPoints)
        ? throw new InvalidOperationException("Nowhere.")
        : targetMethod.Invoke(connection, args);
}
