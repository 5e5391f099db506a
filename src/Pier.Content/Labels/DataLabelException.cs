namespace Pier.Content.Labels;

/// <summary>A label that is none; the message says why.</summary>
public sealed class DataLabelException : Exception
{
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="cause">What the reader of JSON said, if it was that.</param>
    public DataLabelException(string problem, Exception? cause = null)
        : base(problem, cause)
    {
    }
}
