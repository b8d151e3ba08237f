namespace Sluice.RateLimiting;

/// <summary>How the limiter stands to Redis.</summary>
/// <param name="State">Whether it asks.</param>
/// <param name="Since">
/// Closed: when Redis was found back, or when the limiter was made. Else: when the outage began, however often Redis was asked in vain since.
/// </param>
public readonly record struct StoreCircuit(StoreCircuitState State, DateTimeOffset Since);

/// <summary>The states of the circuit breaker around Redis.</summary>
public enum StoreCircuitState
{
    /// <summary>Redis decides.</summary>
    Closed,

    /// <summary>Redis doesn't answer and isn't asked: policies do as their <see cref="PolicyOptions.OnStoreFailure"/> says.</summary>
    Open,

    /// <summary>The same, while Redis is asked whether it is back.</summary>
    HalfOpen,
}
