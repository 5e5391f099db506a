namespace Pier.Api.Volumes;

/// <summary>Asks for a volume.</summary>
/// <param name="Name">Its name; null for one that follows from the target.</param>
/// <param name="Options">What it is, as <c>docker volume create -o</c> says it (docs/volumes.md).</param>
/// <param name="Target">An absolute folder on which it is mounted at once and after every start; null for none.</param>
public sealed record VolumeRequest(string? Name, IReadOnlyDictionary<string, string> Options, string? Target = null);

/// <summary>A volume.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Options">As they were given.</param>
/// <param name="Mountpoint">Where it is mounted; null while it is not.</param>
/// <param name="Target">The folder that it is for; null for volumes of engines.</param>
/// <param name="Users">The ids that it is mounted for.</param>
/// <param name="Size">Bytes of its content; null while nobody has told.</param>
/// <param name="Nodes">Files, directories and links of its content; null while nobody has told.</param>
/// <param name="Local">Bytes of it that are on this host.</param>
/// <param name="Peers">Peers connected now.</param>
/// <param name="Source">Which of its sources it comes from; null while none has answered.</param>
/// <param name="Waiting">Reads that wait for bytes.</param>
/// <param name="OpenFiles">Files of it that are open.</param>
/// <param name="Failures">Why reads failed, or its content could not be had, newest last.</param>
public sealed record VolumeSummary(
    string Name, DateTimeOffset Created, IReadOnlyDictionary<string, string> Options, string? Mountpoint, string? Target,
    IReadOnlyList<string> Users, long? Size, long? Nodes, long Local, int Peers, string? Source, int Waiting, int OpenFiles,
    IReadOnlyList<string> Failures);

/// <summary>Every volume, by name.</summary>
public sealed record VolumeList(IReadOnlyList<VolumeSummary> Volumes);

/// <summary>Asks for files of a volume before they are read.</summary>
/// <param name="Pattern">A glob over paths; null for everything.</param>
public sealed record PrefetchRequest(string? Pattern);

/// <summary>Publishes what a writable volume shows now as a torrent, and seeds it: <see cref="Progress.ProgressLine"/>s, the last a <see cref="Progress.SeedResult"/>.</summary>
/// <param name="Title">Name inside the torrent; null for the volume's.</param>
public sealed record CommitRequest(string? Title);
