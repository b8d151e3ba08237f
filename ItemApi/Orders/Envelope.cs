using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Contracts;

namespace Sluice.ItemApi.Orders;

/// <summary>A message as the bus reads it.</summary>
internal sealed record Envelope(Guid MessageId, IReadOnlyList<string> MessageType, PlaceOrders Message, DateTimeOffset SentTime);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Envelope))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;
