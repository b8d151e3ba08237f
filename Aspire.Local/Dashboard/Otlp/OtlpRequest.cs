using System.Buffers;

namespace Aspire.Dashboard.Otlp;

internal enum Signal
{
    Traces,
    Logs,
    Metrics,
}

/// <summary>A request's unpacked body, in a borrowed buffer.</summary>
internal sealed record OtlpRequest(Signal Signal, byte[] Buffer, int Length, int Reserved)
{
    public ReadOnlySpan<byte> Body => Buffer.AsSpan(0, Length);

    public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
}
