using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Pier.Daemon.Logging;

/// <summary>
/// One line per event: time, level, room, message; an exception follows on the same line as its chain of messages,
/// and with its stack at debug. Under systemd the journal has the time already, so it is left out.
/// </summary>
internal sealed class OneLineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "pier";

    private readonly bool _underJournal = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null;

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (!_underJournal)
        {
            textWriter.Write(clock.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture));
            textWriter.Write(' ');
        }
        textWriter.Write(Level(logEntry.LogLevel));
        textWriter.Write(' ');
        textWriter.Write(Room(logEntry.Category).PadRight(10));
        textWriter.Write(' ');
        textWriter.Write(OnOneLine(logEntry.Formatter(logEntry.State, logEntry.Exception)));
        for (var cause = logEntry.Exception; cause is not null; cause = cause.InnerException)
        {
            textWriter.Write($" | {cause.GetType().Name}: {OnOneLine(cause.Message)}");
        }
        textWriter.WriteLine();
        if (logEntry is { Exception: { } exception, LogLevel: LogLevel.Critical or LogLevel.Debug or LogLevel.Trace })
        {
            textWriter.WriteLine(exception.StackTrace);
        }
    }

    /// <summary><c>Pier.Fetch.Turns.TurnLoop</c> is the room <c>fetch</c>; what is not Pier's keeps its first two words.</summary>
    internal static string Room(string category)
    {
        var words = category.Split('.', 4);
        return words is ["Pier", var room, ..]
            ? room.ToLowerInvariant()
            : string.Join('.', words.Take(2)).ToLowerInvariant();
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    /// <summary>What a peer or an upstream wrote may hold line breaks or escape sequences; the log must not obey them.</summary>
    private static string OnOneLine(string text) => text.AsSpan().ContainsAnyInRange('\0', '\x1f') || text.Contains('\x7f')
        ? string.Create(text.Length, text, static (line, source) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                line[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        })
        : text;
}
