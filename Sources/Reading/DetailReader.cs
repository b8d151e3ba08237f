using Sluice.Sources.Options;

namespace Sluice.Sources.Reading;

/// <summary>An item's fields as mapped by its source, and all that the source sent, as JSON. A null name keeps the one that the list gave.</summary>
public sealed record FetchedDetail(string? Name, string? Description, decimal? Price, string Payload);

/// <summary>Reads one item's detail.</summary>
public sealed class DetailReader
{
    private readonly SourceClient client;

    internal DetailReader(SourceClient client) => this.client = client;

    /// <exception cref="SourceException">No detail that can be used.</exception>
    public async Task<FetchedDetail> ReadAsync(Source source, Guid importId, string externalId, CancellationToken cancellationToken)
    {
        var detail = source.Options.Detail;
        var address = PathTemplate.Fill(detail.Path, name => name == "id" ? externalId : null);
        var body = (await client.GetAsync(source, importId, address, cancellationToken)).Body;
        return new FetchedDetail(
            detail.Name.Length == 0 ? null : body.Text(detail.Name, required: true),
            detail.Description.Length == 0 ? null : body.Text(detail.Description, required: false),
            detail.Price.Length == 0 ? null : body.Decimal(detail.Price),
            body.GetRawText());
    }
}
