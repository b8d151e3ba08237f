using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Import;

/// <summary>An API to import from, in a process of its own: a list and details, under exact sliding windows by arrival.</summary>
internal static class ImportApi
{
    /// <param name="port">Where to listen.</param>
    /// <param name="limits">As <c>500/2</c>: permits per seconds.</param>
    public static async Task<int> RunAsync(string port, params IEnumerable<string> limits)
    {
        var windows = new ArrivalWindows([.. limits.Select(limit => limit.Split('/')).Select(parts =>
            (int.Parse(parts[0], CultureInfo.InvariantCulture), TimeSpan.FromSeconds(double.Parse(parts[1], CultureInfo.InvariantCulture))))]);
        var builder = WebApplication.CreateSlimBuilder([$"--urls=http://127.0.0.1:{port}"]);
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapPost("/reset", windows.Reset);
        app.MapGet("/refused", () => windows.Refused);
        app.MapGet("/list", (int page, int size, int items, HttpResponse response) => windows.TryEnter(response)
            ? Results.Text(Page(page, size, items), "application/json")
            : Results.StatusCode(StatusCodes.Status429TooManyRequests));
        app.MapGet("/items/{id}", (int id, HttpResponse response) => windows.TryEnter(response)
            ? Results.Text(
                string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"name":"Item {{id}}","description":"About as long as one is.","price":12.34}"""),
                "application/json")
            : Results.StatusCode(StatusCodes.Status429TooManyRequests));
        await app.RunAsync();
        return 0;
    }

    private static string Page(int page, int size, int items)
    {
        var first = (page - 1) * size + 1;
        var listed = Enumerable.Range(first, Math.Clamp(items - first + 1, 0, size))
            .Select(id => string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"name":"Item {{id}}"}"""));
        return string.Create(CultureInfo.InvariantCulture, $$"""{"data":[{{string.Join(',', listed)}}],"pages":{{(items + size - 1) / size}}}""");
    }

    private sealed class ArrivalWindows((int Permits, TimeSpan Window)[] limits)
    {
        private readonly Lock sync = new();
        private readonly List<long> arrivals = [];

        public int Refused { get; private set; }

        public void Reset()
        {
            lock (sync)
            {
                arrivals.Clear();
                Refused = 0;
            }
        }

        public bool TryEnter(HttpResponse response)
        {
            lock (sync)
            {
                var now = Stopwatch.GetTimestamp();
                var wait = TimeSpan.Zero;
                foreach (var (permits, window) in limits)
                    if (arrivals.Count >= permits && window - Stopwatch.GetElapsedTime(arrivals[^permits], now) is var left && left > wait)
                        wait = left;
                if (wait == TimeSpan.Zero)
                {
                    if (limits.Length > 0)
                        arrivals.Add(now);
                    return true;
                }

                Refused++;
                response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                return false;
            }
        }
    }
}
