namespace Pier.Engines.Files;

/// <summary>Permissions of files that are made.</summary>
public static class FileModes
{
    /// <summary>0644: as packages install configuration.</summary>
    public const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>0600: what may hold a secret.</summary>
    public const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;
}
