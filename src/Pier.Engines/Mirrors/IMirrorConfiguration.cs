using Pier.Engines.Files;
using Pier.Engines.Install;

namespace Pier.Engines.Mirrors;

/// <summary>Knows how one engine is told of a mirror, and how to take that out again from files that were edited since.</summary>
internal interface IMirrorConfiguration
{
    /// <summary>The engine's name on the command line.</summary>
    string Engine { get; }

    /// <summary>True when the engine runs where 127.0.0.1 is not this host.</summary>
    bool IsElsewhere { get; }

    /// <summary>The files with the mirror in them; those that need none of it are left out.</summary>
    /// <param name="root">The host's files.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="read">Gives a file as it would be without Pier.</param>
    /// <exception cref="EngineException">A file is not what it should be; nothing has changed.</exception>
    MirrorFiles Write(HostRoot root, MirrorRequest request, Func<string, byte[]?> read);

    /// <summary>The bytes of an edited file without what <see cref="Write"/> put there; null when nothing is left of it.</summary>
    byte[]? TakeOut(string path, byte[] edited, MirrorTrace trace);

    /// <summary>How the engine takes up a changed file.</summary>
    EngineReload ReloadFor(string path);

    /// <summary>What a user should know who has Pier taken out of a file; null for nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="left">What is left of it; null for nothing.</param>
    string? RemarkOnRemoval(string path, byte[]? left) => null;
}

/// <summary>What is wanted.</summary>
/// <param name="Address">Where Pier is.</param>
/// <param name="Registries">Registries whose images go through it; none for all, or for the usual ones where an engine wants names.</param>
/// <param name="DockerVersion">Major version of the Docker Engine at hand, or null when it is not known.</param>
public sealed record MirrorRequest(MirrorAddress Address, IReadOnlyList<string> Registries, int? DockerVersion = null)
{
    /// <summary>For engines that have no word for "all".</summary>
    public static IReadOnlyList<string> Usual { get; } =
        ["docker.io", "ghcr.io", "quay.io", "registry.k8s.io", "gcr.io", "mcr.microsoft.com", "public.ecr.aws"];

    /// <summary>The registries by name.</summary>
    public IReadOnlyList<string> Named => Registries.Count > 0 ? Registries : Usual;
}

/// <summary>The files of a configuration.</summary>
/// <param name="Files">Path and bytes of each.</param>
/// <param name="Remarks">What the user should know or do besides.</param>
internal sealed record MirrorFiles(IReadOnlyList<MirrorFile> Files, IReadOnlyList<string> Remarks);

/// <summary>One file.</summary>
/// <param name="Path">Where.</param>
/// <param name="Bytes">All of it.</param>
/// <param name="Trace">What helps to take it out again.</param>
/// <param name="IsSecret">Whether others may not read it.</param>
internal sealed record MirrorFile(string Path, byte[] Bytes, MirrorTrace Trace, bool IsSecret = false);

/// <summary>What was put into a file.</summary>
/// <param name="Value">The value, where it stands among others of its kind.</param>
/// <param name="OwnsList">True when the list that holds it was made for it.</param>
public sealed record MirrorTrace(string? Value = null, bool OwnsList = false);
