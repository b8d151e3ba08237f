namespace Sluice.RateLimiting;

/// <summary>Redis, which holds the limiter's state, doesn't answer.</summary>
public sealed class RateLimitStoreException : Exception
{
    /// <summary>An exception without words.</summary>
    public RateLimitStoreException()
    {
    }

    /// <summary>An exception that says what has failed.</summary>
    public RateLimitStoreException(string message)
        : base(message)
    {
    }

    /// <summary>An exception that says what has failed, and why.</summary>
    public RateLimitStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
