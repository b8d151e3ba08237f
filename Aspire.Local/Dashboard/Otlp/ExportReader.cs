using Aspire.Dashboard.Telemetry;

namespace Aspire.Dashboard.Otlp;

/// <summary>
/// Walks over an export request. Those of all signals have one shape: resources (field 1), in each its scopes (field 2), in each its
/// records (field 2). One thread's.
/// </summary>
internal sealed class ExportReader(ResourceReader resources, Names names)
{
    private const int Resources = 1;
    private const int Scopes = 2;
    private const int Records = 2;

    /// <summary>Reads a record: who sent it, and which scope it is of.</summary>
    public delegate void RecordReader(ReadOnlySpan<byte> record, TelemetrySource source, string scope);

    /// <exception cref="InvalidDataException">It is something else.</exception>
    public void Read(ReadOnlySpan<byte> request, RecordReader read)
    {
        var reader = new WireReader(request);
        while (reader.NextOf(Resources))
            ReadResource(reader.Bytes(), read);
    }

    private void ReadResource(ReadOnlySpan<byte> resource, RecordReader read)
    {
        var source = resources.ReadFrom(resource);
        var reader = new WireReader(resource);
        while (reader.NextOf(Scopes))
            ReadScope(reader.Bytes(), source, read);
    }

    private void ReadScope(ReadOnlySpan<byte> scope, TelemetrySource source, RecordReader read)
    {
        var name = ResourceReader.ScopeOf(scope, names);
        var reader = new WireReader(scope);
        while (reader.NextOf(Records))
            read(reader.Bytes(), source, name);
    }
}
