using System.Security.Cryptography;
using Pier.InteropTests.Engine;
using Pier.InteropTests.Programs;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary><c>pier mount --whole</c>: whoever names a torrent by its info-hash sees what other clients seed under it.</summary>
public sealed class WholeMountTests
{
    private const string Unknown = "00112233445566778899aabbccddeeff00112233";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_torrent_is_found_by_its_info_hash_and_known_over_a_restart()
    {
        await using var first = TempFolder.Create("whole");
        await using var second = TempFolder.Create("whole");
        await using var hybrid = await SeededTorrent.OfAsync(first, SampleTree.Write(first), "libtorrent", "hybrid");
        var content = RandomNumberGenerator.GetBytes(1_500_000);
        await File.WriteAllBytesAsync(second.Below("data.bin"), content, Token);
        await using var old = await SeededTorrent.OfAsync(second, second.Below("data.bin"), "transmission", "v1");
        await using var pier = await PierProgram.StartAsync(Token);
        var folder = first.MakeFolder("mnt");
        (await pier.RunAsync(Token, "mount", "--whole", "-o", $"tracker={hybrid.AnnounceUrl}|{old.AnnounceUrl}", "-o", "lookup=180", folder)).OrThrow();
        string[] names = [hybrid.Metainfo.Id.V1!.Value.ToString(), old.Metainfo.Id.V1!.Value.ToString()];

        Directory.GetFileSystemEntries(folder).ShouldBeEmpty("nobody has named any");
        Directory.Exists(Path.Combine(folder, "README")).ShouldBeFalse();
        Directory.Exists(Path.Combine(folder, names[0].ToUpperInvariant())).ShouldBeFalse("one name each");
        SampleTree.ShouldBeAt(Path.Combine(folder, names[0]));
        (await File.ReadAllBytesAsync(Path.Combine(folder, names[1], "data.bin"), Token)).AsSpan().SequenceEqual(content).ShouldBeTrue();
        Listed(folder).ShouldBe(names.Order(StringComparer.Ordinal));
        (await Command.RunAsync("bash", ["-c", $"cd {folder}/{names[1]} && ls ../{names[0]} . && find {folder} -name data.bin"], Token)).OrThrow().Output.ShouldContain("data.bin");

        await old.StopAsync();
        await hybrid.StopAsync();
        await pier.RestartAsync(Token);
        await Eventually.TrueAsync(() => Directory.Exists(folder) && Listed(folder).Length == 2, "it is mounted again", Deadline, Token);
        SampleTree.ShouldBeAt(Path.Combine(folder, names[0]));
        (await File.ReadAllBytesAsync(Path.Combine(folder, names[1], "data.bin"), Token)).AsSpan().SequenceEqual(content).ShouldBeTrue("nobody else is there");

        await Eventually.TrueAsync(async () => (await pier.RunAsync(Token, "umount", folder)).ExitCode == 0, "nobody uses it", Deadline, Token);
        Directory.GetDirectories(pier.StateFile("volumes/.content")).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_nobody_knows_is_not_there_and_what_nobody_uses_is_forgotten()
    {
        await using var home = TempFolder.Create("whole");
        await File.WriteAllBytesAsync(home.Below("data.bin"), new byte[300_000], Token);
        await using var source = await SeededTorrent.OfAsync(home, home.Below("data.bin"), "libtorrent", "v1");
        await using var pier = await PierProgram.StartAsync(Token);
        var (hasty, folder) = (home.MakeFolder("hasty"), home.MakeFolder("mnt"));
        (await pier.RunAsync(Token, "mount", "--whole", "-o", $"tracker={source.AnnounceUrl}", "-o", "lookup=3", hasty)).OrThrow();

        (await Command.RunAsync("ls", [Path.Combine(hasty, Unknown)], Token)).Error.ShouldContain("No such file");
        (await pier.LinesAsync(Token, "volume", "show", (await pier.LinesAsync(Token, "volume", "ls"))[1].Split(' ')[0]))
            .ShouldContain(line => line.Contains($"{Unknown}: nobody told for 3 s", StringComparison.Ordinal));
        (await pier.RunAsync(Token, "umount", hasty)).OrThrow();

        // What is there has all the time that a busy machine takes to find it.
        (await pier.RunAsync(Token, "mount", "--whole", "-o", $"tracker={source.AnnounceUrl}", "-o", "lookup=180", "-o", "forget=6", folder)).OrThrow();
        var name = source.Metainfo.Id.Primary.ToString();
        await using (var open = File.OpenRead(Path.Combine(folder, name, "data.bin")))
        {
            open.ReadByte().ShouldBe(0);
            Listed(folder).ShouldBe([name]);
        }

        await Eventually.TrueAsync(() => Listed(folder).Length == 0, "it is forgotten", Deadline, Token);
        await Eventually.TrueAsync(() => Directory.GetDirectories(pier.StateFile("volumes/.content")).Length == 0, "what arrived of it is removed", Deadline, Token);
        (await File.ReadAllBytesAsync(Path.Combine(folder, name, "data.bin"), Token)).Length.ShouldBe(300_000, "and it is found again");
        (await pier.RunAsync(Token, "umount", "--force", folder)).OrThrow();
        MountTable.PointsBelow(folder).ShouldBeEmpty();
    }

    private static string[] Listed(string folder) => [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
