namespace Pier.Store.Images;

/// <summary>One path, and what lies right below it.</summary>
internal sealed class ImageBranch
{
    private ImageBranch? _before;

    public ImageBranch(ImageNode node, ImageBranch? parent)
    {
        Node = node;
        Parent = parent;
        if (parent is not null)
        {
            Next = parent.First;
            parent.First = this;
            if (Next is not null)
            {
                Next._before = this;
            }
        }
    }

    public ImageNode Node { get; set; }

    /// <summary>The folder that it lies in; null for the root.</summary>
    public ImageBranch? Parent { get; }

    /// <summary>One of those below it, from which <see cref="Next"/> leads to the others.</summary>
    public ImageBranch? First { get; private set; }

    public ImageBranch? Next { get; private set; }

    /// <summary>The last layer that hid what others have below it.</summary>
    public int ClearedBy { get; set; } = -1;

    /// <summary>Leaves its folder.</summary>
    public void Leave()
    {
        if (_before is not null)
        {
            _before.Next = Next;
        }
        else
        {
            Parent!.First = Next;
        }
        if (Next is not null)
        {
            Next._before = _before;
        }
    }
}
