using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Sluice.RateLimiting;

/// <summary>
/// The policies in force. They follow the options: an edit that is valid takes effect as a whole, one that isn't is logged with
/// all its faults and changes nothing. Thread-safe.
/// </summary>
internal sealed partial class RateLimitPolicies : IDisposable
{
    private static readonly string DefaultName = Microsoft.Extensions.Options.Options.DefaultName;

    private readonly IOptionsFactory<RateLimitOptions>? factory;
    private readonly ILogger<RateLimitPolicies> logger;
    private readonly List<IDisposable> changes = [];
    private volatile State state;

    /// <summary>Policies that stay as they are.</summary>
    public RateLimitPolicies(RateLimitOptions options) =>
        (logger, state) = (NullLogger<RateLimitPolicies>.Instance, new State(options));

    /// <summary>Policies that follow the options.</summary>
    /// <exception cref="OptionsValidationException">They are faulty at the start.</exception>
    public RateLimitPolicies(
        IOptionsFactory<RateLimitOptions> factory, IEnumerable<IOptionsChangeTokenSource<RateLimitOptions>> sources, ILogger<RateLimitPolicies> logger)
    {
        this.factory = factory;
        this.logger = logger;
        state = new State(factory.Create(DefaultName));
        changes.AddRange(sources.Select(source => ChangeToken.OnChange(source.GetChangeToken, Reload)));
    }

    private sealed record State(RateLimitOptions Options)
    {
        public FrozenDictionary<string, RateLimitPolicy> Policies { get; } = Options.Policies.ToFrozenDictionary(
            policy => policy.Key, policy => new RateLimitPolicy(policy.Key, policy.Value, Options.Instances), StringComparer.OrdinalIgnoreCase);
    }

    public FrozenDictionary<string, RateLimitPolicy> Current => state.Policies;

    public RateLimitOptions Options => state.Options;

    public void Dispose() => changes.ForEach(change => change.Dispose());

    private void Reload()
    {
        try
        {
            state = new State(factory!.Create(DefaultName));
            LogReloaded(string.Join(", ", state.Policies.Keys.Order(StringComparer.Ordinal)));
        }
        catch (OptionsValidationException exception)
        {
            LogRefused(string.Join("; ", exception.Failures));
        }
        catch (InvalidOperationException exception)
        {
            // The binder's word for a value that can't be converted.
            LogRefused(exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Policies were read anew: {Policies}", EventName = "PoliciesReloaded")]
    private partial void LogReloaded(string policies);

    [LoggerMessage(2, LogLevel.Error, "The new policies are refused, the old ones stay: {Faults}", EventName = "PoliciesRefused")]
    private partial void LogRefused(string faults);
}
