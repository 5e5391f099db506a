namespace Pier.Engines.Images;

/// <summary>The image pier/frontend as an archive that engines load and nodes import.</summary>
/// <param name="Archive">The archive, from its beginning; whoever gets it disposes of it.</param>
/// <param name="Digest">The digest of the image's manifest: its id in engines with a content store.</param>
/// <param name="Config">The digest of the image's configuration: its id in the others.</param>
/// <param name="Serves">True when pierdat is in it, so that images can serve their data.</param>
public sealed record FrontendPack(Stream Archive, string Digest, string Config, bool Serves);
