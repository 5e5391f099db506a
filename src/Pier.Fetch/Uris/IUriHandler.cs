using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Status;

namespace Pier.Fetch.Uris;

/// <summary>Brings the content of one kind of URI.</summary>
internal interface IUriHandler
{
    /// <summary>True for URIs of its kind.</summary>
    bool Handles(ContentUri uri);

    /// <summary>Writes the content below a folder.</summary>
    /// <exception cref="ContentException">It cannot be had.</exception>
    Task<Download> GetAsync(ContentUri uri, string folder, IProgress<PartProgress> progress, CancellationToken cancellationToken);
}
