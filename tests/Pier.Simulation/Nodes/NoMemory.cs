using System.Buffers;

namespace Pier.Simulation.Nodes;

/// <summary>Lends arrays without bytes: what a piece of a simulated node is kept in.</summary>
internal sealed class NoMemory : ArrayPool<byte>
{
    /// <inheritdoc/>
    public override byte[] Rent(int minimumLength) => [];

    /// <inheritdoc/>
    public override void Return(byte[] array, bool clearArray = false)
    {
    }
}
