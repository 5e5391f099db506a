namespace Pier.Engines.Images;

/// <summary>An image that Pier loaded into an engine.</summary>
/// <param name="Socket">The engine's Unix socket.</param>
/// <param name="Id">By which the engine knows it; empty while the first is being loaded.</param>
/// <param name="Coming">By which it may know the one that is being loaded, so that a crash meanwhile leaves nothing behind; null when none is.</param>
public sealed record LoadedImage(string Socket, string Id, IReadOnlyList<string>? Coming = null)
{
    /// <summary>Whether an image of the engine is one that Pier loaded.</summary>
    public bool Has(string? id) => id is not null && (id == Id || Coming?.Contains(id, StringComparer.Ordinal) == true);
}
