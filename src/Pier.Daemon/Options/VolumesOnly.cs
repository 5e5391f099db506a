namespace Pier.Daemon.Options;

/// <summary>Whether a daemon leaves all but volumes to another on its host.</summary>
internal enum VolumesOnly
{
    /// <summary>It is a whole node; another in its place is an error.</summary>
    Off,

    /// <summary>When another answers at its socket.</summary>
    Auto,

    /// <summary>Always.</summary>
    On,
}
