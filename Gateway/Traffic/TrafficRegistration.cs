namespace Sluice.Gateway.Traffic;

public static class TrafficRegistration
{
    /// <summary>Keeps what the gateway decides in a PostgreSQL database, which may be away, also when the gateway starts.</summary>
    public static void AddTraffic(this IHostApplicationBuilder builder, string connectionName)
    {
        builder.AddOptionsFrom<TrafficOptions>(TrafficOptions.Section, TrafficOptions.Check);
        builder.AddDeferredMigrations(connectionName);
        builder.Services.AddSingleton<TrafficRecorder>();
        builder.Services.AddSingleton<TrafficQueue>();
        builder.Services.AddSingleton<TrafficMetrics>();
        builder.Services.AddSingleton<TrafficStore>();
        builder.Services.AddSingleton<TrafficReader>();
        builder.Services.AddSingleton<TrafficAnswers>();

        // Services stop in the reverse order: the writer last, so that it writes what the flush has handed over.
        builder.Services.AddHostedService<TrafficWriter>();
        builder.Services.AddHostedService<TrafficFlush>();
        builder.Services.AddHostedService<TrafficRetention>();
    }
}
