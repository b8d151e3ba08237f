using System.Globalization;
using Aspire.Dashboard.Security;
using Aspire.Dashboard.Telemetry;
using Microsoft.Extensions.Options;

namespace Aspire.Dashboard.Otlp;

/// <summary>OTLP over HTTP with protobuf. What comes faster than it can be read is refused at the door: senders never wait for the dashboard.</summary>
/// <remarks>https://opentelemetry.io/docs/specs/otlp/#otlphttp</remarks>
internal sealed class OtlpReceiver(IngestQueue queue, Losses losses, IOptions<DashboardOptions> options)
{
    private const string ContentType = "application/x-protobuf";
    private const byte Unavailable = 14;
    private const byte InvalidArgument = 3;
    private const byte Unauthenticated = 16;

    /// <summary>An empty request takes room too.</summary>
    private const int LeastReserved = 1024;

    private readonly Secret key = new(options.Value.Otlp.PrimaryApiKey);
    private readonly TelemetryLimits limits = options.Value.TelemetryLimits;

    public async Task InvokeAsync(HttpContext context)
    {
        Signal? signal = context.Request.Path.Value switch
        {
            "/v1/traces" => Signal.Traces,
            "/v1/logs" => Signal.Logs,
            "/v1/metrics" => Signal.Metrics,
            _ => null,
        };
        await (signal switch
        {
            null => RefuseAsync(context, StatusCodes.Status404NotFound, InvalidArgument, "OTLP is at /v1/traces, /v1/logs and /v1/metrics."),
            _ when !HttpMethods.IsPost(context.Request.Method) => RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, InvalidArgument, "POST."),
            _ when !key.IsSame(context.Request.Headers["x-otlp-api-key"]) => RefuseAsync(context, StatusCodes.Status401Unauthorized, Unauthenticated, "The header x-otlp-api-key is missing or wrong."),
            _ when !IsProtobuf(context.Request) => RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, InvalidArgument, $"Only {ContentType} is read, plain or gzip."),
            _ when context.Request.ContentLength > limits.MaxRequestBytes => RefuseLargeAsync(context),
            _ => ReceiveAsync(context, signal.Value),
        });
    }

    private static bool IsProtobuf(HttpRequest request) =>
        request.ContentType is { } type && type.Split(';')[0].Trim().Equals(ContentType, StringComparison.OrdinalIgnoreCase)
        && request.Headers.ContentEncoding.ToString() is "" or "identity" or "gzip";

    private async Task ReceiveAsync(HttpContext context, Signal signal)
    {
        var isGzip = context.Request.Headers.ContentEncoding == "gzip";
        // What is packed may become as large as anything may.
        var reserved = isGzip || context.Request.ContentLength is null ? limits.MaxRequestBytes : Math.Max(LeastReserved, (int)context.Request.ContentLength);
        if (!queue.TryReserve(reserved))
        {
            losses.CountRequest(context.Request.ContentLength ?? 0);
            context.Response.Headers.RetryAfter = "1";
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, Unavailable, "More comes than can be read.");
            return;
        }

        var isQueued = false;
        try
        {
            var expected = (int)Math.Clamp(context.Request.ContentLength ?? 0, 1024, limits.MaxRequestBytes) * (isGzip ? 4 : 1);
            if (await OtlpBody.ReadAsync(context.Request.Body, isGzip, expected, limits.MaxRequestBytes, context.RequestAborted) is not var (buffer, length))
            {
                await RefuseLargeAsync(context);
                return;
            }
            queue.Release(reserved - Math.Max(LeastReserved, length));
            reserved = Math.Max(LeastReserved, length);
            queue.Add(new OtlpRequest(signal, buffer, length, reserved));
            isQueued = true;
        }
        catch (InvalidDataException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, InvalidArgument, "The body is not gzip.");
            return;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The sender has given up.
            losses.CountRequest(context.Request.ContentLength ?? 0);
            return;
        }
        finally
        {
            if (!isQueued)
                queue.Release(reserved);
        }

        await AnswerAsync(context, StatusCodes.Status200OK, []);
    }

    private Task RefuseLargeAsync(HttpContext context) =>
        RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, InvalidArgument, string.Create(CultureInfo.InvariantCulture, $"A request has at most {limits.MaxRequestBytes} bytes."));

    private static Task RefuseAsync(HttpContext context, int status, byte code, string why) => AnswerAsync(context, status, OtlpStatus.Encode(code, why));

    private static Task AnswerAsync(HttpContext context, int status, byte[] message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = message.Length;
        return context.Response.Body.WriteAsync(message, context.RequestAborted).AsTask();
    }
}
