using System.Globalization;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>The systemd units that are shipped, read by systemd itself, and how much they leave to what they run.</summary>
public sealed class SystemdUnitTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("units");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Source => SourceTree.Root;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    [InlineData("plugins/pierdat/pierdat.service", "/usr/bin/pierdat", null)]
    [InlineData("deploy/systemd/pierd.service", "/usr/lib/pier/pierd", null)]
    [InlineData("deploy/systemd/pierd.service", "/usr/lib/pier/pierd", "deploy/systemd/no-volumes.conf")]
    public async Task Systemd_understands_the_unit(string unit, string installed, string? addition)
    {
        var copy = await InstallAsync(unit, installed);
        var added = addition is null ? null : await AddAsync(copy, addition, installed);

        var result = await AnalyseAsync("verify", "--man=no", copy);

        result.Error.ShouldNotContain(Path.GetFileName(unit));
        result.ExitCode.ShouldBe(0, result.Error);
        if (added is not null)
        {
            // That it was read at all shows by what systemd says of a line that it does not know.
            await File.AppendAllTextAsync(added, "NoSuchSetting=yes\n", Cancel);
            (await AnalyseAsync("verify", "--man=no", copy)).Error.ShouldContain("NoSuchSetting");
        }
    }

    [Theory]
    [InlineData(null, 55)]
    [InlineData("deploy/systemd/no-volumes.conf", 36)]
    public async Task The_unit_leaves_no_more_to_pierd_than_is_told(string? addition, int most)
    {
        const string Installed = "/usr/lib/pier/pierd";
        var copy = await InstallAsync("deploy/systemd/pierd.service", Installed);
        _ = addition is null ? null : await AddAsync(copy, addition, Installed);

        // In tenths of the level that systemd prints (docs/security.md).
        var result = await AnalyseAsync("security", "--offline=true", "--no-pager", $"--threshold={most.ToString(CultureInfo.InvariantCulture)}", copy);

        result.ExitCode.ShouldBe(0, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? result.Error);
    }

    private static Task<CommandResult> AnalyseAsync(params IReadOnlyList<string> words) =>
        Command.RunAsync(RequiredTool.Path("systemd-analyze", "apt-get install systemd"), words, Cancel);

    /// <summary>A unit as it will be once its program lies where it says.</summary>
    private async Task<string> InstallAsync(string unit, string installed)
    {
        var text = await ReadAsync(unit, installed);
        text.ShouldNotContain("\nRestrictSUIDSGID=", Case.Sensitive, "it takes openat2(2) away, by which containers' files are opened");
        var copy = _folder.Below(Path.GetFileName(unit));
        await File.WriteAllTextAsync(copy, text, Cancel);
        return copy;
    }

    private async Task<string> AddAsync(string unit, string addition, string installed)
    {
        var copy = Path.Combine(_folder.MakeFolder(Path.GetFileName(unit) + ".d"), Path.GetFileName(addition));
        await File.WriteAllTextAsync(copy, await ReadAsync(addition, installed), Cancel);
        return copy;
    }

    private static async Task<string> ReadAsync(string file, string installed)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Source, file), Cancel);
        text.ShouldContain(installed);
        return text.Replace(installed, "/bin/true", StringComparison.Ordinal);
    }
}
