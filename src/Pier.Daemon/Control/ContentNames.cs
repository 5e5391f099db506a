using Pier.Content;
using Pier.Content.References;
using Pier.Daemon.Http;

namespace Pier.Daemon.Control;

/// <summary>Reads what <c>?name=</c> and <c>?image=</c> name: a blob by digest, or an image.</summary>
internal static class ContentNames
{
    /// <summary>The digest of a blob, or null when the name is an image's.</summary>
    public static Digest? Blob(string? name) => Digest.TryParse(name, out var digest) ? digest : null;

    /// <summary>The image.</summary>
    /// <exception cref="ControlException">It is no reference.</exception>
    public static ImageReference Image(string? name)
    {
        try
        {
            return ImageReference.Parse(name ?? throw ControlException.BadRequest("The request does not name an image."));
        }
        catch (ReferenceFormatException malformed)
        {
            throw ControlException.BadRequest(malformed.Message, "Write it as for 'docker pull', for example debian:12 or ghcr.io/owner/app:1.2.");
        }
    }
}
