using Pier.Content.References;

namespace Pier.Content.Contracts;

/// <summary>Hears what clients of a registry take, so that the layers after a first one can be on their way (design §3).</summary>
public interface IPrefetch
{
    /// <summary>A client was given a manifest.</summary>
    void Saw(RepositoryName repository, ManifestDocument manifest);

    /// <summary>A client takes a whole blob; disposed of when it has it or left. Null when nothing follows from it.</summary>
    IDisposable? Take(RepositoryName repository, Digest blob);
}
