using Pier.Content.Manifests;
using Pier.Content.References;

namespace Pier.Fetch.Prefetch;

/// <summary>An image that clients pull now, or did a short while ago.</summary>
/// <param name="repository">Where its blobs are asked for.</param>
/// <param name="layers">Its layers in order, without those that registries do not hold.</param>
internal sealed class PulledImage(RepositoryName repository, IReadOnlyList<Descriptor> layers)
{
    /// <summary>Where its blobs are asked for.</summary>
    public RepositoryName Repository => repository;

    /// <summary>Its layers in order.</summary>
    public IReadOnlyList<Descriptor> Layers => layers;

    /// <summary>Clients that read one of its layers now.</summary>
    public int Readers { get; set; }

    /// <summary>The first layer that nobody has asked for yet; beyond the last when none is left, null before the first was asked for.</summary>
    public int? Next { get; set; }
}
