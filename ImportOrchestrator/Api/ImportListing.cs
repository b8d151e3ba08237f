using Npgsql;
using NpgsqlTypes;

namespace Sluice.ImportOrchestrator.Api;

/// <summary>Which imports a list has.</summary>
/// <param name="Before">Only those that began before this one; null for all.</param>
/// <param name="Offset">How many of them to pass over; null where the list goes by cursor.</param>
/// <param name="Status">Only those of this state; null for all.</param>
/// <param name="Source">Only those of this source; null for all.</param>
internal sealed record ImportListing(Guid? Before = null, long? Offset = null, string? Status = null, string? Source = null)
{
    /// <summary>The condition on <c>imports</c>, with parameters 1 to 3.</summary>
    public const string Where = "from_date is null and ($1 is null or id < $1) and ($2 is null or status = $2) and ($3 is null or source = $3)";

    public void AddTo(NpgsqlParameterCollection parameters)
    {
        parameters.Add(new() { Value = (object?)Before ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        parameters.Add(new() { Value = (object?)Status ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        parameters.Add(new() { Value = (object?)Source ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
    }
}
