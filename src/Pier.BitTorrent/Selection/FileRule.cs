namespace Pier.BitTorrent.Selection;

/// <summary>How much the files of a pattern are wanted.</summary>
/// <param name="Files">Which files.</param>
/// <param name="Priority">How much.</param>
public sealed record FileRule(FilePattern Files, FilePriority Priority)
{
    /// <summary>Reads <c>PATTERN=high|normal|low|skip</c>.</summary>
    /// <exception cref="FileChoiceException">It is not.</exception>
    public static FileRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var equals = text.LastIndexOf('=');
        if (equals <= 0)
        {
            throw new FileChoiceException($"'{text}' is not PATTERN=PRIORITY, such as '*.iso=high'");
        }

        FilePriority? priority = text[(equals + 1)..] switch
        {
            "high" => FilePriority.High,
            "normal" => FilePriority.Normal,
            "low" => FilePriority.Low,
            "skip" => FilePriority.Skip,
            _ => null,
        };
        return priority is { } known
            ? new FileRule(FilePattern.Parse(text[..equals]), known)
            : throw new FileChoiceException($"'{text[(equals + 1)..]}' in '{text}' is no priority: high, normal, low or skip");
    }
}
