using Pier.Content.Contracts;

namespace Pier.Volumes.Shelf;

/// <summary>A volume as people see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Options">As they were given.</param>
/// <param name="Mountpoint">Where it is mounted; null while it is not.</param>
/// <param name="Target">The user's folder that it is for; null for volumes of engines.</param>
/// <param name="Users">The ids that it is mounted for.</param>
/// <param name="Arrival">How far its content has come; null while it is not known.</param>
/// <param name="Waiting">Reads that wait for bytes.</param>
/// <param name="OpenFiles">Files open in it.</param>
/// <param name="Failures">Why reads failed, or its content could not be had, newest last.</param>
public sealed record VolumeStatus(
    string Name,
    DateTimeOffset Created,
    IReadOnlyDictionary<string, string> Options,
    string? Mountpoint,
    string? Target,
    IReadOnlyList<string> Users,
    TreeArrival? Arrival,
    int Waiting,
    int OpenFiles,
    IReadOnlyList<string> Failures);
