namespace Pier.Store.Images;

/// <summary>What the names of an image may cost, whatever its layers say.</summary>
/// <param name="Characters">Most characters of all paths and of what symbolic links lead to, hidden ones too.</param>
/// <param name="Steps">Most folders that hard links lead through: symbolic links to each other lead through any number.</param>
internal sealed record ImageBounds(long Characters, long Steps)
{
    /// <summary>Long names compress to nothing: they may take half a gigabyte. A million hard links may lead through a hundred folders each.</summary>
    public static ImageBounds Usual { get; } = new(256L << 20, 100_000_000);
}
