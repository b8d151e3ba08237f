using Sluice.Sources.Options;

namespace Sluice.Sources.Rehearsal;

/// <summary>A source that only rehearsals read: it reaches no other server, and spends no other account's budget.</summary>
public static class RehearsalSource
{
    /// <summary>No section of the configuration would be called so.</summary>
    public const string Name = "(rehearsal)";

    /// <summary>Its limits are; any address will do for them.</summary>
    internal static Source Described { get; } = At("http://127.0.0.1/");

    /// <summary>Serves the source for as long as it is read.</summary>
    public static async Task<T> ReadAsync<T>(Func<Source, Task<T>> read)
    {
        await using var server = new RehearsalServer();
        return await read(At(server.Address));
    }

    private static Source At(string address) => new(Name, new SourceOptions
    {
        BaseAddress = address,
        Lease = TimeSpan.FromSeconds(10),

        // A ledger that was lost stays closed for longer than the lease.
        PermitWait = TimeSpan.FromSeconds(20),
        Limits = [new LimitOptions { Permits = 1000, Window = TimeSpan.FromSeconds(1) }],
        List = new ListOptions { Path = "list?page={page}&size={size}", Items = "data", Name = "name", TotalPages = "pages" },
        Detail = new DetailOptions { Path = "items/{id}", Description = "description", Price = "price" },
    });
}
