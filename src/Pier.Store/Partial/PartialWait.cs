namespace Pier.Store.Partial;

/// <summary>One reader's wait for the byte at an offset.</summary>
internal sealed class PartialWait(PartialReader reader, long offset)
    : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public PartialReader Reader { get; } = reader;

    public long Offset { get; } = offset;
}
