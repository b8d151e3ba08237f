namespace Sluice.RateLimiting;

/// <summary>Nothing was sent, for it may not be sent yet: hand the work back and try again after <see cref="RetryAfter"/>.</summary>
public class RequestNotSentException : Exception
{
    /// <summary>An exception that says what there is to wait for.</summary>
    /// <param name="account">Whose limits.</param>
    /// <param name="cause">What there is to wait for.</param>
    /// <param name="retryAfter">How long at the least.</param>
    public RequestNotSentException(string account, WaitCause cause, TimeSpan retryAfter)
        : this(account, cause, retryAfter, $"Nothing was sent for account '{account}': {Described(cause)} for another {retryAfter:c} at the least.")
    {
    }

    private protected RequestNotSentException(string account, WaitCause cause, TimeSpan retryAfter, string message)
        : base(message) => (Account, Cause, RetryAfter) = (account, cause, retryAfter);

    /// <summary>Whose limits.</summary>
    public string Account { get; }

    /// <summary>What there is to wait for.</summary>
    public WaitCause Cause { get; }

    /// <summary>How long at the least, from when this was thrown; never below zero.</summary>
    public TimeSpan RetryAfter { get; }

    private static string Described(WaitCause cause) => cause switch
    {
        WaitCause.Pause => "the server refused a request and is left alone",
        WaitCause.Lost => "the ledger was lost and stays closed",
        WaitCause.Store => "the ledger can't be asked",
        WaitCause.Breaker => "the server's circuit is open",
        _ => "its permits are used up",
    };
}

/// <summary>Nothing was sent: the account's quota of the day or the month is used up.</summary>
public sealed class QuotaExhaustedException : RequestNotSentException
{
    internal QuotaExhaustedException(string account, QuotaPeriod period, TimeSpan retryAfter)
        : base(account, WaitCause.Quota, retryAfter,
            $"The quota of {period.Limit} requests a {(period.Kind == QuotaKind.Day ? "day" : "month")} of account '{account}' is used up until {period.End:u}.")
    {
        (Kind, Limit, ResetsAt) = (period.Kind, period.Limit, period.End);
    }

    /// <summary>Whether it is a day's or a month's.</summary>
    public QuotaKind Kind { get; }

    /// <summary>Requests that it allows.</summary>
    public int Limit { get; }

    /// <summary>When it begins anew, by the clock that the client was given.</summary>
    public DateTimeOffset ResetsAt { get; }
}
