using Microsoft.Extensions.Logging;
using Pier.TestKit.Logging;
using Pier.TestKit.Processes;

namespace Pier.UnitTests.TestKit;

public sealed class CollectedLogsTests
{
    [Fact]
    public void The_newest_entries_are_kept()
    {
        using var logs = new CollectedLogs(maxEntries: 2);
        var logger = logs.CreateLogger<CollectedLogsTests>();
        for (var id = 1; id <= 3; id++)
        {
            logger.Log(LogLevel.Warning, new EventId(id), $"entry {id}", null, (state, _) => state);
        }

        logs.Entries.Select(entry => entry.Message).ShouldBe(["entry 2", "entry 3"]);
        logs.Has(3).ShouldBeTrue();
        logs.Has(1).ShouldBeFalse();
    }

    [Fact]
    public void A_program_cannot_fill_memory_with_its_output()
    {
        var log = new BoundedLog(maxLines: 2, maxLineLength: 3);
        log.Add("first");
        log.Add("second");
        log.Add("third");

        log.Lines.ShouldBe(["sec", "thi"]);
        log.TotalLines.ShouldBe(3);
        log.Tail(1).ShouldBe("thi");
    }

    [Fact]
    public async Task A_line_that_comes_late_is_waited_for()
    {
        var log = new BoundedLog();
        log.Add("warn: another");
        var waiting = log.WaitForAsync(["warn", "it"], TestContext.Current.CancellationToken);
        waiting.IsCompleted.ShouldBeFalse();

        log.Add("warn: it");

        await waiting;
    }
}
