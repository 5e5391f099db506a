using Pier.Content.Contracts;
using Pier.Store.Swarms;

namespace Pier.Fetch.Uris;

/// <summary>Makes a lender for each download.</summary>
internal sealed class BlobLenders(IContentStore store, SwarmRecords records, IAccessPolicy policy)
{
    /// <summary>A lender that has lent nothing yet.</summary>
    public BlobLender Open() => new(store, records, policy);
}
