using System.Buffers.Binary;

namespace Aspire.Dashboard.Otlp;

/// <summary>Walks over the fields of a protobuf message where it lies: nothing is copied.</summary>
/// <remarks>https://protobuf.dev/programming-guides/encoding</remarks>
/// <param name="message">The message, without a length in front.</param>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int BytesType = 2;
    private const int Fixed32Type = 5;

    private readonly ReadOnlySpan<byte> message = message;
    private int position;
    private int fieldStart;
    private int type;

    /// <summary>The number of the field that <see cref="Next"/> has come to.</summary>
    public int Field { get; private set; }

    /// <summary>Comes to the next field; one of the reading methods must follow.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">This is no protobuf message. So do the other methods.</exception>
    public bool Next()
    {
        if (position == message.Length)
            return false;
        fieldStart = position;
        var tag = ReadVarint();
        (Field, type) = ((int)(tag >> 3), (int)(tag & 7));
        return Field > 0 ? true : throw Malformed();
    }

    /// <summary>Comes to the next field of that number, and passes over those between.</summary>
    /// <returns>False at the end.</returns>
    public bool NextOf(int field)
    {
        while (Next())
        {
            if (Field == field)
                return true;
            Skip();
        }
        return false;
    }

    public ulong Varint() => type == VarintType ? ReadVarint() : throw Malformed();

    public ulong Fixed64() => type == Fixed64Type ? BinaryPrimitives.ReadUInt64LittleEndian(Take(8)) : throw Malformed();

    public double Double() => BitConverter.UInt64BitsToDouble(Fixed64());

    /// <summary>A string, bytes, a message or packed numbers.</summary>
    public ReadOnlySpan<byte> Bytes() => type == BytesType ? Take(ReadVarint()) : throw Malformed();

    /// <summary>Passes over the field.</summary>
    /// <returns>The whole field, its tag too.</returns>
    public ReadOnlySpan<byte> Skip()
    {
        _ = type switch
        {
            VarintType => ReadVarint(),
            Fixed64Type => (ulong)Take(8).Length,
            BytesType => (ulong)Take(ReadVarint()).Length,
            Fixed32Type => (ulong)Take(4).Length,
            _ => throw Malformed(),
        };
        return message[fieldStart..position];
    }

    private static InvalidDataException Malformed() => new("This is not a protobuf message.");

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (position == message.Length)
                throw Malformed();
            var part = message[position++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
        throw Malformed();
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(message.Length - position))
            throw Malformed();
        var taken = message.Slice(position, (int)length);
        position += (int)length;
        return taken;
    }
}
