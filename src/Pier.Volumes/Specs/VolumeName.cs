namespace Pier.Volumes.Specs;

/// <summary>Names of volumes: those that Docker takes, which are file names too.</summary>
internal static class VolumeName
{
    private const int MaxLength = 128;

    /// <summary>The name, when it is one.</summary>
    /// <exception cref="VolumeOptionException">It is none.</exception>
    public static string Check(string? name) =>
        name is { Length: > 0 and <= MaxLength } && char.IsAsciiLetterOrDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '-')
            ? name
            : throw new VolumeOptionException($"A volume's name has 1 to {MaxLength} letters, digits and _ . - and begins with a letter or digit.");
}
