namespace Pier.Simulation.Network;

/// <summary>Blocks that a peer has asked for and not got yet, in order. Takes no memory while it is empty from the start.</summary>
internal struct UploadQueue
{
    private int[]? _blocks;
    private int _head;

    /// <summary>Blocks that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a block at the end.</summary>
    public void Enqueue(int block)
    {
        _blocks ??= new int[4];
        if (Count == _blocks.Length)
        {
            var larger = new int[Count * 2];
            for (var place = 0; place < Count; place++)
            {
                larger[place] = this[place];
            }

            (_blocks, _head) = (larger, 0);
        }

        _blocks[(_head + Count++) & (_blocks.Length - 1)] = block;
    }

    /// <summary>Takes the first block.</summary>
    public int Dequeue()
    {
        var block = this[0];
        _head = (_head + 1) & (_blocks!.Length - 1);
        Count--;
        return block;
    }

    /// <summary>Takes a block out of the middle; false when it does not wait here.</summary>
    public bool Remove(int block)
    {
        for (var place = 0; place < Count; place++)
        {
            if (this[place] != block)
            {
                continue;
            }

            for (var next = place + 1; next < Count; next++)
            {
                _blocks![(_head + next - 1) & (_blocks.Length - 1)] = this[next];
            }

            Count--;
            return true;
        }

        return false;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => Count = 0;

    /// <summary>The block at a place.</summary>
    public readonly int this[int place] => _blocks![(_head + place) & (_blocks.Length - 1)];
}
