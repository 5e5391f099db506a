using Pier.Content;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Fetch.Status;

namespace Pier.Fetch.Images;

/// <summary>An image that is in the store now, for the platforms that were asked for.</summary>
/// <param name="Reference">What was asked for, with <c>latest</c> filled in.</param>
/// <param name="Digest">The manifest or index it names.</param>
/// <param name="MediaType">That document's media type.</param>
/// <param name="Manifests">Every manifest and index that was followed, the root first.</param>
/// <param name="Blobs">Configurations and layers, each once.</param>
/// <param name="Sources">Bytes of the blobs by source; what was held before counts as cache.</param>
/// <param name="Warning">That the answer is the last known one, when the upstream did not answer; else null.</param>
public sealed record PulledImage(
    ImageReference Reference,
    Digest Digest,
    string MediaType,
    IReadOnlyList<Descriptor> Manifests,
    IReadOnlyList<Descriptor> Blobs,
    SourceBytes Sources,
    string? Warning);
