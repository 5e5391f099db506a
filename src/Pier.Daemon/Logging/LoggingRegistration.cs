using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Pier.Daemon.Logging;

/// <summary>Sets the console log up.</summary>
internal static class LoggingRegistration
{
    /// <summary>One line per event, for people or as JSON; everything to standard error.</summary>
    public static void AddPierConsole(this ILoggingBuilder logging, bool json)
    {
        logging.AddConsole(console =>
        {
            console.FormatterName = json ? ConsoleFormatterNames.Json : OneLineFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        if (json)
        {
            logging.AddJsonConsole(format =>
            {
                format.UseUtcTimestamp = true;
                format.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.Services.AddSingleton<ConsoleFormatter, OneLineFormatter>();
        }
    }
}
