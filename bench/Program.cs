using System.ComponentModel;
using Sluice.Bench.Gateway;
using Sluice.Bench.Import;
using Sluice.Bench.Limiter;
using Sluice.Bench.Orders;
using Sluice.Bench.Telemetry;

try
{
    return args switch
    {
        ["limiter", .. var rest] => await LimiterBench.RunAsync(rest),
        ["outage"] => await OutageBench.RunAsync(),
        ["orders"] => await OrdersBench.RunAsync(),
        ["buy-load", var port, var sku, var buyers, var connections] => await BuyLoad.RunAsync(port, sku, buyers, connections),
        ["gateway"] => await GatewayBench.RunAsync(),
        ["import", "throughput", .. var rest] => await ThroughputBench.RunAsync(rest),
        ["import", .. var rest] => await ScheduleBench.RunAsync(rest),
        ["import-api", var port, .. var limits] => await ImportApi.RunAsync(port, limits),
        ["telemetry"] => await TelemetryBench.RunAsync(),
        ["span-flood", var endpoint, var key] => await SpanFlood.RunAsync(endpoint, key),
        ["upstream", var port] => await Children.UpstreamAsync(port),
        ["bare-proxy", var port, var upstream] => await Children.BareProxyAsync(port, upstream),
        _ => Usage(),
    };
}
catch (Win32Exception exception) when (exception.Message.Contains("'wrk'", StringComparison.Ordinal))
{
    Console.Error.WriteLine("The load comes from wrk, which is not installed: sudo apt-get install wrk");
    return 1;
}

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project bench -- limiter [policy ...] [callersxkeys ...]
                                                                         decisions/s next to bare EVALSHA
        dotnet run -c Release --project bench -- outage                  Redis killed and started again under load
        dotnet run -c Release --project bench -- gateway                 requests/s next to a bare YARP; needs wrk
        dotnet run -c Release --project bench -- orders                  two drops of 20,000 buyers; settlement next to one by one
        dotnet run -c Release --project bench -- import [--real] [--requests n ...] [--workers n ...]
                                                                         seconds and 429s next to other clients, and to the least time
        dotnet run -c Release --project bench -- import throughput [workers [items ...]]
                                                                         items/s without limits, and the workers' memory
        dotnet run -c Release --project bench -- telemetry               50,000 spans/s at the dashboard: its memory, and a service's latency beside it
        """);
    return 2;
}
