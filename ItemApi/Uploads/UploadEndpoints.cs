using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Sluice.Contracts;

namespace Sluice.ItemApi.Uploads;

public static class UploadEndpoints
{
    public static IEndpointRouteBuilder MapUploads(this IEndpointRouteBuilder endpoints)
    {
        var uploads = endpoints.MapGroup("/api/upload");

        // The handler counts for itself: the server's own limit can be no larger than the service's, and cuts the connection.
        uploads.MapPost("", AcceptAsync).WithMetadata(new DisableRequestSizeLimitAttribute());
        return endpoints;
    }

    private static async Task<Results<Ok<UploadReceipt>, ValidationProblem, ProblemHttpResult, StatusCodeHttpResult>> AcceptAsync(
        HttpRequest request, IOptions<UploadOptions> options, CancellationToken cancellationToken)
    {
        var maxBytes = options.Value.MaxBytes;
        try
        {
            if (request.ContentLength > maxBytes || await DigestAsync(request.BodyReader, maxBytes, cancellationToken) is not { } receipt)
                return TooLarge(maxBytes);
            if (receipt.Bytes > 0)
                return TypedResults.Ok(receipt);

            const string fault = "body must not be empty.";
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["body"] = [fault] }, detail: fault);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException and not BadHttpRequestException)
        {
            // The caller left. A read can say so before the request counts as aborted: until it does, that would be logged as an error of ours.
            request.HttpContext.Abort();
            return TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
    }

    /// <returns>Null when there is more than that; the rest is left unread.</returns>
    private static async Task<UploadReceipt?> DigestAsync(PipeReader body, long maxBytes, CancellationToken cancellationToken)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = 0L;
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            bytes += read.Buffer.Length;
            if (bytes <= maxBytes)
                foreach (var segment in read.Buffer)
                    sha256.AppendData(segment.Span);
            body.AdvanceTo(read.Buffer.End);
            if (bytes > maxBytes)
                return null;
            if (read.IsCompleted)
                return new UploadReceipt(bytes, Convert.ToHexStringLower(sha256.GetHashAndReset()));
        }
    }

    private static ProblemHttpResult TooLarge(long maxBytes) => TypedResults.Problem(
        string.Create(CultureInfo.InvariantCulture, $"The body is larger than the {maxBytes} bytes that are accepted."),
        statusCode: StatusCodes.Status413PayloadTooLarge,
        extensions: new Dictionary<string, object?> { ["maxBytes"] = maxBytes });
}
