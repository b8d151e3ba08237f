namespace Sluice.ItemApi.Uploads;

public static class UploadRegistration
{
    public static void AddUploads(this IHostApplicationBuilder builder) =>
        builder.AddOptionsFrom<UploadOptions>(UploadOptions.Section, static (options, faults) => faults.Require(
            options.MaxBytes is >= 1 and <= UploadOptions.MostBytes,
            nameof(options.MaxBytes),
            $"must be 1 to {UploadOptions.MostBytes:N0} bytes, is {options.MaxBytes}"));
}
