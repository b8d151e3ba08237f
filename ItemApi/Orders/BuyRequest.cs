using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sluice.ItemApi.Orders;

/// <summary>What POST /buy takes, whatever its content type. No body at all buys one of the default SKU.</summary>
internal readonly record struct BuyRequest(string Sku, int Quantity, string? Buyer)
{
    public const int LongestBuyer = 100;
    private const int MostBytes = 4096;

    /// <summary>Requests that ask for the same have the same, however they are written.</summary>
    public byte[] Fingerprint => SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{Sku}\n{Quantity}\n{Buyer}")));

    /// <returns>The request, or every fault by the name of its field.</returns>
    public static async ValueTask<(BuyRequest Request, Dictionary<string, string[]>? Faults)> ReadAsync(
        PipeReader body, OrderOptions options, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (read.Buffer.Length > MostBytes)
            {
                // What is not given back would end the connection, and the request that comes next on it.
                body.AdvanceTo(read.Buffer.End);
                return (default, new() { ["body"] = [$"The body must not be larger than {MostBytes} bytes."] });
            }

            if (!read.IsCompleted)
            {
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            var parsed = Parse(read.Buffer, options);
            body.AdvanceTo(read.Buffer.End);
            return parsed;
        }
    }

    internal static (BuyRequest Request, Dictionary<string, string[]>? Faults) Parse(ReadOnlySequence<byte> json, OrderOptions options)
    {
        var fields = new Fields(options);
        if (json.IsEmpty)
            return (fields.Request, null);
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                fields.Fault("body", """The body must be a JSON object, as in {"sku":"default","quantity":1}, or empty.""");
            else
                fields.Read(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter: a text in it is none, but half a surrogate pair.
            fields.Fault("body", $"The body is not JSON. {e.Message}");
        }

        return (fields.Request, fields.Faults);
    }

    private ref struct Fields(OrderOptions options)
    {
        private string sku = options.DefaultSku;
        private int quantity = 1;
        private string? buyer;

        public Dictionary<string, string[]>? Faults { get; private set; }

        public readonly BuyRequest Request => new(sku, quantity, buyer);

        public void Fault(string field, string fault) => (Faults ??= [])[field] = [fault];

        public void Read(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("sku"u8) && reader.Read())
                    ReadSku(ref reader);
                else if (reader.ValueTextEquals("quantity"u8) && reader.Read())
                    ReadQuantity(ref reader);
                else if (reader.ValueTextEquals("buyer"u8) && reader.Read())
                    ReadBuyer(ref reader);
                else
                    reader.Skip();
            }

            // Anything behind it throws.
            reader.Read();
        }

        private void ReadSku(ref Utf8JsonReader reader)
        {
            if (reader.TokenType == JsonTokenType.Null)
                return;
            var given = TextOf(ref reader);
            if (Orders.Sku.IsValid(given))
                sku = given!;
            else
                Fault("sku", $"sku {Orders.Sku.Rule}.");
        }

        private void ReadQuantity(ref Utf8JsonReader reader)
        {
            if (reader.TokenType == JsonTokenType.Null)
                return;
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out quantity) || quantity < 1 || quantity > options.MaxQuantity)
                Fault("quantity", string.Create(CultureInfo.InvariantCulture, $"quantity must be a whole number from 1 to {options.MaxQuantity}."));
            reader.Skip();
        }

        private void ReadBuyer(ref Utf8JsonReader reader)
        {
            if (reader.TokenType == JsonTokenType.Null)
                return;
            buyer = TextOf(ref reader)?.Trim();
            if (buyer is not { Length: > 0 and <= LongestBuyer } || buyer.Any(char.IsControl))
                Fault("buyer", string.Create(CultureInfo.InvariantCulture, $"buyer must be a text of 1 to {LongestBuyer} characters without control characters."));
        }

        private static string? TextOf(ref Utf8JsonReader reader)
        {
            if (reader.TokenType == JsonTokenType.String)
                return reader.GetString();
            reader.Skip();
            return null;
        }
    }
}
