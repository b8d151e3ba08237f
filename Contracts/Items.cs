using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Contracts;

public sealed record ItemSummary(long Id, string Name);

public sealed record ItemDetail(long Id, string Name, string Description, decimal Price);

/// <summary>One page of the catalogue. <see cref="Page"/> is absent where the caller followed a cursor; <see cref="NextCursor"/> at the end.</summary>
public sealed record ItemPage(
    IReadOnlyList<ItemSummary> Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Page,
    int PerPage,
    long Total,
    long TotalPages,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextCursor);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ItemDetail))]
[JsonSerializable(typeof(ItemPage))]
[JsonSerializable(typeof(SearchPage))]
[JsonSerializable(typeof(DataSample))]
[JsonSerializable(typeof(UploadReceipt))]
[JsonSerializable(typeof(CursorPage<DailyRecord>))]
public sealed partial class ItemsJson : JsonSerializerContext;
