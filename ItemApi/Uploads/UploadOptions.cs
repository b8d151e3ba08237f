namespace Sluice.ItemApi.Uploads;

/// <summary>Configuration section <c>Upload</c>.</summary>
public sealed class UploadOptions
{
    public const string Section = "Upload";
    public const long MostBytes = 1L << 30;

    /// <summary>The largest body that is accepted, 1 byte to 1 GiB.</summary>
    public long MaxBytes { get; set; } = 1 << 20;
}
