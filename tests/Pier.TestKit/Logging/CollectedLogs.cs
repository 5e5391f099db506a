using Microsoft.Extensions.Logging;

namespace Pier.TestKit.Logging;

/// <summary>One line that a component logged.</summary>
public sealed record LogEntry(string Category, LogLevel Level, EventId Event, string Message, Exception? Exception);

/// <summary>Keeps what components log, so that a test can assert on events and print the tail on failure; bounded.</summary>
public sealed class CollectedLogs(int maxEntries = 10_000) : ILoggerProvider, ILoggerFactory
{
    private readonly Lock _gate = new();
    private readonly Queue<LogEntry> _entries = new();

    /// <summary>The kept entries, oldest first.</summary>
    public IReadOnlyList<LogEntry> Entries
    {
        get
        {
            lock (_gate) { return [.. _entries]; }
        }
    }

    /// <summary>Whether an event with this id was logged.</summary>
    public bool Has(int eventId) => Entries.Any(entry => entry.Event.Id == eventId);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Collector(this, categoryName);

    /// <summary>A typed logger that collects here.</summary>
    public ILogger<T> CreateLogger<T>() => new Logger<T>(this);

    void ILoggerFactory.AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("Logs are collected here only; add providers to a real factory.");

    /// <inheritdoc/>
    public void Dispose()
    {
        // Entries stay readable after the component under test is gone.
    }

    private void Add(LogEntry entry)
    {
        lock (_gate)
        {
            _entries.Enqueue(entry);
            if (_entries.Count > maxEntries)
            {
                _entries.Dequeue();
            }
        }
    }

    private sealed class Collector(CollectedLogs owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            owner.Add(new LogEntry(category, logLevel, eventId, formatter(state, exception), exception));
    }
}
