namespace Sluice.Contracts;

/// <summary>What arrived of an upload.</summary>
/// <param name="Sha256">In lower-case hexadecimal digits, over the body as it was sent.</param>
public sealed record UploadReceipt(long Bytes, string Sha256);
