using Sluice.Bench.Limiter;

return args switch
{
    ["limiter", .. var rest] => await LimiterBench.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project bench -- limiter [algorithm ...]    decisions/s next to bare EVALSHA
        """);
    return 2;
}
