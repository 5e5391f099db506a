namespace Pier.Buildkit.Dockerfiles;

/// <summary>Something in a Dockerfile is wrong; the message says what, the line where.</summary>
/// <param name="line">First physical line of the instruction, counted from 1; 0 when it is no single line's fault.</param>
/// <param name="endLine">Its last physical line.</param>
/// <param name="message">What is wrong and what to write instead.</param>
/// <param name="cause">What led to it.</param>
public sealed class DockerfileException(int line, int endLine, string message, Exception? cause = null) : FormatException(message, cause)
{
    /// <summary>First physical line, counted from 1.</summary>
    public int Line { get; } = line;

    /// <summary>Last physical line.</summary>
    public int EndLine { get; } = endLine;
}
