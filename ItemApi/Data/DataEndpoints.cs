using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Contracts;
using Sluice.ItemApi.Items;

namespace Sluice.ItemApi.Data;

public static class DataEndpoints
{
    private const int SampleSize = 3;

    public static IEndpointRouteBuilder MapData(this IEndpointRouteBuilder endpoints)
    {
        var data = endpoints.MapGroup("/api/data");
        data.MapMethods("", ItemEndpoints.Reads, SampleAsync);
        return endpoints;
    }

    private static async Task<Ok<DataSample>> SampleAsync(ItemStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var slice = await store.ReadAfterAsync(0, SampleSize, cancellationToken);
        return TypedResults.Ok(new DataSample(time.GetUtcNow(), slice.Total, slice.Items));
    }
}
