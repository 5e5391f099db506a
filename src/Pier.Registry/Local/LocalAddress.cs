using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;
using Pier.Registry.Routing;

namespace Pier.Registry.Local;

/// <summary>What a request to one of the node's own repositories is about.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Path">The path as the client wrote it.</param>
/// <param name="Namespace">The <c>ns</c> query; empty for none.</param>
internal readonly record struct LocalAddress(RepositoryName Repository, RegistryPath Path, string Namespace)
{
    /// <summary>A relative address below the repository, under the name by which the client calls it and knows how to reach this node.</summary>
    public string Of(string kind, string reference) =>
        $"/v2/{Path.Name}/{kind}/{reference}{(Namespace.Length == 0 ? "" : QueryString.Create("ns", Namespace).ToUriComponent())}";

    /// <summary>The digest that a path or a query names.</summary>
    /// <exception cref="RegistryRefusal">It is none, or of an algorithm that is not known.</exception>
    public static Digest ParseDigest(string text) => Digest.TryParse(text, out var digest)
        ? digest
        : throw new RegistryRefusal(400, ErrorCodes.DigestInvalid,
            $"'{text}' is no digest: expected sha256: and 64, or sha512: and 128, lower-case hex digits.");
}
