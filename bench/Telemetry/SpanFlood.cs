using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Sluice.Testing.Telemetry;

namespace Sluice.Bench.Telemetry;

/// <summary>Sends spans to an OTLP endpoint at a steady rate, whatever becomes of them.</summary>
internal static class SpanFlood
{
    public const int SpansPerSecond = 50_000;
    public const int Seconds = 10;
    private const int SpansPerBatch = 500;
    private const int SpansPerTrace = 10;

    /// <summary>A process of its own: writes how many batches were taken and how many refused.</summary>
    public static async Task<int> RunAsync(string endpoint, string key)
    {
        const int tracesPerBatch = SpansPerBatch / SpansPerTrace;
        var batches = Enumerable.Range(0, Seconds * SpansPerSecond / SpansPerBatch)
            .Select(batch => SpanBatch.Encode("flood", batch * tracesPerBatch, tracesPerBatch, SpansPerTrace)).ToList();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 8 });
        http.DefaultRequestHeaders.Add("x-otlp-api-key", key);
        // Before the flood: the first request is slower than the others.
        await SendAsync(http, endpoint, []);

        var time = TimeProvider.System;
        var (started, sent) = (time.GetTimestamp(), 0);
        List<Task<HttpStatusCode>> answers = [];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10), time);
        while (sent < batches.Count)
        {
            await timer.WaitForNextTickAsync();
            var due = (int)(time.GetElapsedTime(started).TotalSeconds * SpansPerSecond / SpansPerBatch);
            for (; sent < Math.Min(due, batches.Count); sent++)
                answers.Add(SendAsync(http, endpoint, batches[sent]));
        }

        var codes = await Task.WhenAll(answers);
        var taken = codes.Count(code => code == HttpStatusCode.OK);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{taken * SpansPerBatch} {(codes.Length - taken) * SpansPerBatch} {time.GetElapsedTime(started).TotalSeconds:0.0}"));
        return 0;
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient http, string endpoint, byte[] batch)
    {
        using var content = new ByteArrayContent(batch) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-protobuf") } };
        using var answer = await http.PostAsync(endpoint, content);
        return answer.StatusCode;
    }
}
