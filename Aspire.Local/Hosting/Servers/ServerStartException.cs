namespace Aspire.Hosting.Servers;

/// <summary>A server could not start; the message says why, and what to do, to a person.</summary>
internal sealed class ServerStartException(string message, Exception? inner = null) : Exception(message, inner);
