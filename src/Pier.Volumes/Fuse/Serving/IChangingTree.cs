namespace Pier.Volumes.Fuse.Serving;

/// <summary>A tree in which names come and go; what is under an id stays the same for ever.</summary>
internal interface IChangingTree
{
    /// <summary>How long a directory's names, and that there is none, may be believed; null for ever.</summary>
    TimeSpan? NamesLast(ulong directory);
}
