namespace Pier.TestKit.Processes;

/// <summary>The last lines a program wrote: the newest are kept, the oldest fall out, so that a chatty program cannot fill memory.</summary>
public sealed class BoundedLog(int maxLines = 4000, int maxLineLength = 4000)
{
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

    /// <summary>How many lines have come in all, those that fell out included.</summary>
    public long TotalLines { get; private set; }

    /// <summary>Keeps a line; one that is too long is cut.</summary>
    public void Add(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        lock (_gate)
        {
            _lines.Enqueue(line.Length <= maxLineLength ? line : line[..maxLineLength]);
            TotalLines++;
            if (_lines.Count > maxLines)
            {
                _lines.Dequeue();
            }
        }
    }

    /// <summary>The kept lines, oldest first.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate) { return [.. _lines]; }
        }
    }

    /// <summary>Whether a kept line contains the text.</summary>
    public bool Contains(string text) => Lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits for a line that contains all of these: a program's words take another way than what it does, and may come later.</summary>
    /// <exception cref="TimeoutException">None came; the text holds the last lines.</exception>
    public async Task WaitForAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        try
        {
            await Eventually.TrueAsync(
                () => Lines.Any(line => texts.All(text => line.Contains(text, StringComparison.Ordinal))),
                $"a line with '{string.Join("' and '", texts)}'",
                Eventually.Patience,
                cancellationToken);
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"{timeout.Message}; last lines:\n{Tail(20)}", timeout);
        }
    }

    /// <summary>The last lines as one text.</summary>
    public string Tail(int count) => string.Join('\n', Lines.TakeLast(count));
}
