using System.Net;

namespace Sluice.Dashboard.Gateway;

/// <summary>The gateway refused, or could not be asked. The message is for people.</summary>
/// <param name="message">What to show.</param>
/// <param name="status">Null where there was no answer.</param>
/// <param name="fields">What is wrong, by the field that it is about.</param>
public sealed class GatewayException(
    string message, HttpStatusCode? status = null, IReadOnlyDictionary<string, string[]>? fields = null, Exception? cause = null) : Exception(message, cause)
{
    public HttpStatusCode? Status => status;

    public bool IsNotFound => status == HttpStatusCode.NotFound;

    public IReadOnlyDictionary<string, string[]> Fields { get; } = fields ?? new Dictionary<string, string[]>();
}
