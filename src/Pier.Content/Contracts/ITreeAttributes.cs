namespace Pier.Content.Contracts;

/// <summary>A tree whose source keeps extended attributes (xattr(7)); one without needs nothing.</summary>
public interface ITreeAttributes
{
    /// <summary>The names of a node's attributes, such as <c>user.origin</c>.</summary>
    ValueTask<IReadOnlyList<string>> ListAttributesAsync(ulong node, CancellationToken cancellationToken);

    /// <summary>An attribute's value; null when the node has none of that name.</summary>
    ValueTask<ReadOnlyMemory<byte>?> GetAttributeAsync(ulong node, string name, CancellationToken cancellationToken);
}
