using System.Text;

namespace Aspire.Dashboard.Otlp;

/// <summary>google.rpc.Status, which OTLP wants with every error.</summary>
internal static class OtlpStatus
{
    private const byte CodeTag = 1 << 3;
    private const byte MessageTag = (2 << 3) | 2;

    /// <param name="code">gRPC's number for the error, below 128.</param>
    /// <param name="message">At most 127 bytes.</param>
    public static byte[] Encode(byte code, string message)
    {
        var text = Encoding.UTF8.GetBytes(message);
        return [CodeTag, code, MessageTag, (byte)text.Length, .. text];
    }
}
