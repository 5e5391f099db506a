using Pier.Dat;
using Pier.Dat.Exec;
using Pier.Dat.Getting;
using Pier.Dat.Serving;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Dat;

/// <summary>The list of what is served, and how each line of it is kept going.</summary>
public sealed class ServeListTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = Eventually.Patience;

    private readonly TempFolder _folder = TempFolder.Create("pierdat");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task Lines_are_words_and_comments_are_none()
    {
        var path = _folder.Below("list");
        ServeList.HasAny(path).ShouldBeFalse();
        Should.Throw<DatException>(() => ServeList.Read(path)).Message.ShouldBe($"{path} not found.");
        await File.WriteAllTextAsync(path, "# nothing\n\n  \t\n", Cancel);
        ServeList.HasAny(path).ShouldBeFalse();
        await File.WriteAllTextAsync(path, "# aria2c\n  aria2c  'a b'\t--dir=/x \nbittorrent /t /p", Cancel);

        var lines = ServeList.Read(path);

        lines.Select(line => string.Join('|', line.Words)).ShouldBe(["aria2c|'a|b'|--dir=/x", "bittorrent|/t|/p"]);
        lines.Select(line => line.IsTorrent).ShouldBe([false, true]);
        ServeLine.Of("/t", "/with space").ShouldBeNull("lines have no quotes");
        ServeList.Add(path, ServeLine.Of("/t", "/p")!);
        ServeList.Add(path, ServeLine.Of("/t", "/q")!);
        (await File.ReadAllTextAsync(path, Cancel)).ShouldEndWith("\nbittorrent /t /p\nbittorrent /t /q\n");
    }

    [Fact]
    public async Task What_ends_begins_again_later_each_time()
    {
        var time = new ManualTimeProvider();
        var said = new List<string>();
        var runs = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var keeping = new Watchdog(time, said.Add).KeepAsync("work", _ => ++runs == 2 ? throw new DatException("broke") : Task.FromResult("ended with 0"), stop.Token);

        runs.ShouldBe(1);
        await WaitsAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => Volatile.Read(ref runs) == 2, "it ran again", Deadline, Cancel);
        await WaitsAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        runs.ShouldBe(2, "the second pause is longer");
        time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => Volatile.Read(ref runs) == 3, "it ran a third time", Deadline, Cancel);
        await WaitsAsync();
        await stop.CancelAsync();
        await keeping;

        said.ShouldBe(["work: ended with 0; again in 1 s", "work: broke; again in 2 s", "work: ended with 0; again in 4 s"]);

        // It says how long it pauses before it does.
        Task WaitsAsync() => Eventually.TrueAsync(() => time.ArmedTimers == 1, "it pauses", Deadline, Cancel);
    }

    [Fact]
    public async Task Programs_are_found_as_engines_find_them()
    {
        var program = _folder.Below("prog");
        await File.WriteAllTextAsync(program, "#!/bin/sh\n", Cancel);
        ProgramPath.Find("prog", $"/nowhere:{_folder.Path}").ShouldBeNull("it is no program yet");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        ProgramPath.Find("prog", $"/nowhere:{_folder.Path}").ShouldBe(program);
        ProgramPath.Find("./prog", null).ShouldBe("./prog");
        ProgramPath.Find("", "/bin").ShouldBeNull();
        ProgramPath.Find("sh", null).ShouldNotBeNull();
    }

    [Fact]
    public void A_file_goes_below_a_folder_and_else_under_the_given_name()
    {
        Destination.FileIn("/new/", "f").ShouldBe("/new/f");
        Destination.FileIn("/new", "f").ShouldBe("/new");
        Destination.FileIn(_folder.Path, "f").ShouldBe(_folder.Below("f"));
        WebClient.Shown(new Uri("https://user:secret@a.example/path?sig=secret#x")).ShouldBe("https://a.example/path");
    }
}
