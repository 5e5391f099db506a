using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Status;

namespace Pier.Fetch.Uris;

/// <summary>Brings the content of one kind of URI.</summary>
internal interface IUriHandler
{
    /// <summary>True for URIs of its kind.</summary>
    bool Handles(ContentUri uri);

    /// <summary>True when it can bring some files of the content and leave others.</summary>
    bool CanSelect => false;

    /// <summary>Writes the content below the plan's folder.</summary>
    /// <exception cref="ContentException">It cannot be had.</exception>
    Task<Download> GetAsync(ContentUri uri, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken);
}
