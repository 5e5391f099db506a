namespace Pier.UnitTests;

/// <summary>Holds a parser to memory that follows from the bytes it was given, whatever they claim, read or refused.</summary>
internal static class MemoryBound
{
    /// <summary>Runs a parse on this thread.</summary>
    /// <param name="parse">The parse, with its own handling of the documented exception.</param>
    /// <param name="inputLength">Bytes or characters of the input.</param>
    /// <param name="input">What to show when it took too much.</param>
    public static void Hold(Action parse, int inputLength, string? input = null)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        parse();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan((64 * 1024) + (64L * inputLength), input);
    }
}
