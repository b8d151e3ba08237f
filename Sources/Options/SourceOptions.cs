using Sluice.RateLimiting;

namespace Sluice.Sources.Options;

/// <summary>An API to import from, at <c>Sources:NAME</c>.</summary>
public sealed class SourceOptions
{
    /// <summary>Absolute http(s) address that all paths are relative to. A service's name stands for its address.</summary>
    public string BaseAddress { get; init; } = "";

    /// <summary>What it has: items to import, or a list for every day to backfill. Default: items.</summary>
    public SourceKind Kind { get; init; }

    /// <summary>The header that names the caller; null sends none.</summary>
    public AuthenticationOptions? Authentication { get; init; }

    public ListOptions List { get; init; } = new();

    public DetailOptions Detail { get; init; } = new();

    /// <summary>By what the server counts. Sources that share an account must agree on it. Default <c>Windows</c>.</summary>
    public ClientPacing Pacing { get; init; }

    /// <summary>
    /// What the server allows. <c>Windows</c>: each a sliding window; all hold at once. <c>LeakyBucket</c>: the rate; 60 per minute where there is
    /// none. <c>Adaptive</c>: none. Sources that share an account must agree on them.
    /// </summary>
    public LimitOptions[] Limits { get; init; } = [];

    /// <summary>For <c>LeakyBucket</c>: what the server's bucket holds, so that slow responses don't slow the rate. Default 1.</summary>
    public int Burst { get; init; } = 1;

    /// <summary>Requests per day or month, beside the limits; they outlive Redis. Used up, they pause the import. Sources that share an account must agree on them.</summary>
    public QuotaOptions[] Quotas { get; init; } = [];

    /// <summary>
    /// While Redis is away: <c>Deny</c> waits, so that no request can be refused; <c>Allow</c> sends; <c>Local</c> sends this process's share. Default <c>Deny</c>.
    /// </summary>
    public StoreFailure OnStoreFailure { get; init; } = StoreFailure.Deny;

    /// <summary>Processes that share the account, for <c>Local</c>. Default 1.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Whose budget the requests are charged to; default: the source's name.</summary>
    public string? Account { get; init; }

    /// <summary>Waits between the attempts at an item or a page; one attempt more than there are delays. Default: 30, 60, 120, 240 s.</summary>
    public TimeSpan[]? RetryDelays { get; init; }

    /// <summary>From asking for a permit to its being granted, after which the work goes back to wait its turn. Default 5 minutes; below RabbitMQ's 30.</summary>
    public TimeSpan PermitWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>From the permit to the response's headers. A crashed sender's permit counts as sent until then. Default 10 s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the headers to the end of the body. Default 30 s.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of a body; a longer one is a failed attempt. Default 16 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Redirects that a request follows, each with a permit of its own, on the same server only. Default 5; 0 follows none.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>Requests of one process under way at once; the others wait their turn. Default 64.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>Answers of 429 to one item after which it has failed. They are no failed attempts. Default 20.</summary>
    public int MaxRefusals { get; init; } = 20;
}

/// <summary>The header that names the caller to the source.</summary>
public sealed class AuthenticationOptions
{
    public string Header { get; init; } = "";

    /// <summary>A secret: set it in the environment, as <c>Sources__NAME__Authentication__Value</c>.</summary>
    public string Value { get; init; } = "";
}

public enum SourceKind
{
    /// <summary>One list of items, each with a detail of its own.</summary>
    Items,

    /// <summary>A list of records for every day; there are no details.</summary>
    Days,
}

public enum PaginationStyle
{
    /// <summary><c>{page}</c> counts up from <see cref="ListOptions.FirstPage"/>, to the total of pages where there is one, else to an empty page.</summary>
    Page,

    /// <summary><c>{offset}</c> grows by what each page listed, until one is empty.</summary>
    Offset,

    /// <summary><c>{cursor}</c> is what the page before named as its next, and absent at first.</summary>
    Cursor,

    /// <summary>The response's <c>Link</c> header with <c>rel="next"</c>, on the same host.</summary>
    Link,
}

/// <summary>Where the list of items is, and how it reads.</summary>
public sealed class ListOptions
{
    /// <summary>
    /// With <c>{size}</c> and the style's placeholder, and of a source of days <c>{date}</c>. A query parameter whose placeholder has no value
    /// is left out.
    /// </summary>
    public string Path { get; init; } = "";

    public PaginationStyle Style { get; init; } = PaginationStyle.Page;

    /// <summary>Items asked for per page.</summary>
    public int PageSize { get; init; } = 100;

    public int FirstPage { get; init; } = 1;

    /// <summary>Pages after which the import fails: a bound on lists that never end. Default 100,000.</summary>
    public int MaxPages { get; init; } = 100_000;

    /// <summary>Dotted path of the array; empty: the body is the array.</summary>
    public string Items { get; init; } = "";

    /// <summary>
    /// Dotted path of the id within an item: a string or a number. Of a source of days it may be empty: then a record is known by the hash of
    /// its JSON, and two that are alike on one day count as one.
    /// </summary>
    public string Id { get; init; } = "id";

    /// <summary>Dotted path of the name within an item; empty: the list has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>Dotted path of the number of pages; empty: unknown.</summary>
    public string TotalPages { get; init; } = "";

    /// <summary>Dotted path of the next cursor; needed by the style <see cref="PaginationStyle.Cursor"/>.</summary>
    public string NextCursor { get; init; } = "";

    /// <summary>How <c>{date}</c> is written, as .NET's custom format. Default <c>yyyy-MM-dd</c>.</summary>
    public string DateFormat { get; init; } = "yyyy-MM-dd";
}

/// <summary>Where an item's detail is, and how it reads. An empty field path: the source has no such field.</summary>
public sealed class DetailOptions
{
    /// <summary>With <c>{id}</c>.</summary>
    public string Path { get; init; } = "";

    public string Name { get; init; } = "name";

    public string Description { get; init; } = "";

    public string Price { get; init; } = "";
}

/// <summary>One sliding window: at most <see cref="Permits"/> requests within any <see cref="Window"/>.</summary>
public sealed class LimitOptions
{
    public string? Name { get; init; }

    public int Permits { get; init; }

    public TimeSpan Window { get; init; }
}
