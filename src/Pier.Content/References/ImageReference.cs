using System.Diagnostics.CodeAnalysis;

namespace Pier.Content.References;

/// <summary>
/// The name of an image as people type it, normalised by Docker's rules: a repository with a tag, a digest, both or
/// neither (github.com/distribution/reference).
/// </summary>
/// <param name="Repository">Registry and path.</param>
/// <param name="Tag">The tag, or null.</param>
/// <param name="Digest">The manifest's digest, or null; it decides when a tag is given as well.</param>
public sealed record ImageReference(RepositoryName Repository, string? Tag, Digest? Digest)
{
    /// <summary>The tag of references that name neither tag nor digest.</summary>
    public const string DefaultTag = "latest";

    /// <summary>What follows <c>/manifests/</c>: the digest, else the tag, else <c>latest</c>.</summary>
    public string Target => Digest?.ToString() ?? Tag ?? DefaultTag;

    /// <summary>The short form that Docker prints: <c>busybox:1.36</c>.</summary>
    public string Familiar => Repository.Familiar + Suffix;

    private string Suffix => (Tag is null ? "" : $":{Tag}") + (Digest is null ? "" : $"@{Digest}");

    /// <summary>Parses a reference as typed.</summary>
    /// <exception cref="ReferenceFormatException">It is no reference; quotes it and says which rule it breaks.</exception>
    public static ImageReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fault = Read(text, out var reference);
        return reference
            ?? throw new ReferenceFormatException($"'{RepositoryName.Shorten(text)}' is not an image reference: {fault}");
    }

    /// <summary>As <see cref="Parse"/>; false when the text is no reference.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = null;
        return text is not null && Read(text, out reference) is null;
    }

    /// <summary>This reference with <c>latest</c> where it names neither tag nor digest.</summary>
    public ImageReference WithDefaultTag() => Tag is null && Digest is null ? this with { Tag = DefaultTag } : this;

    /// <summary>The full form: <c>docker.io/library/busybox:1.36</c>.</summary>
    public override string ToString() => Repository + Suffix;

    private static string? Read(string text, out ImageReference? reference)
    {
        reference = null;
        if (text.Length == 64 && Content.Digest.TryParse($"sha256:{text}", out _))
        {
            return $"64 hex digits are an identifier, not a name; write sha256:{text} for the content itself.";
        }

        var name = text;
        Digest? digest = null;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!Content.Digest.TryParse(text.AsSpan(at + 1), out var parsed))
            {
                return "after '@' comes sha256: and 64, or sha512: and 128, lower-case hex digits.";
            }

            digest = parsed;
            name = text[..at];
        }

        string? tag = null;
        var colon = name.LastIndexOf(':');
        // A colon before the last slash belongs to the registry's port.
        if (colon >= 0 && colon > name.LastIndexOf('/'))
        {
            tag = name[(colon + 1)..];
            name = name[..colon];
            if (!ReferenceGrammar.IsTag(tag))
            {
                return $"the tag '{RepositoryName.Shorten(tag)}' must be 1 to {ReferenceGrammar.MaxTagLength} letters, digits, '_', '.' and '-', beginning with a letter, digit or '_'.";
            }
        }

        var fault = RepositoryName.Read(name, out var repository);
        if (repository is not null)
        {
            reference = new ImageReference(repository, tag, digest);
        }

        return fault;
    }
}
