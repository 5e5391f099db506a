namespace Pier.Engines.Images;

/// <summary>An image that Pier loaded into an engine.</summary>
/// <param name="Socket">The engine's Unix socket.</param>
/// <param name="Id">By which the engine knows it.</param>
public sealed record LoadedImage(string Socket, string Id);
