using System.Formats.Tar;
using System.Text;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Store.Images;

namespace Pier.UnitTests.Fetch.Images;

/// <summary>Layers that no tool writes: names without end, a root that is a file, links to links, one path twice.</summary>
public sealed class HostileLayersTests : LayerSetting
{
    /// <summary>More than any test needs.</summary>
    private const long Most = 1 << 30;

    [Fact]
    public async Task Names_are_bounded_in_sum_over_all_layers()
    {
        var layers = await LayersAsync([Plain("a234", "")], [Plain("b234", ""), Symbolic("c234", "d234")], [Plain("a234", "")]);

        (await ImageFileSystem.ReadAsync(Store, layers, new ImageBounds(20, Most), Token)).Nodes.Count().ShouldBe(4, "with the root");
        (await Should.ThrowAsync<ContentFormatException>(() => ImageFileSystem.ReadAsync(Store, layers, new ImageBounds(19, Most), Token))).Message.ShouldContain("more than 19 characters");
    }

    [Fact]
    public async Task Folders_that_no_layer_lists_count_too()
    {
        var layers = await LayersAsync([Plain("a/b/c", "")]);

        (await ImageFileSystem.ReadAsync(Store, layers, new ImageBounds(9, Most), Token)).At("a/b").ShouldNotBeNull();
        await Should.ThrowAsync<ContentFormatException>(() => ImageFileSystem.ReadAsync(Store, layers, new ImageBounds(8, Most), Token));
    }

    [Fact]
    public async Task One_layer_of_deep_paths_does_not_fill_the_memory()
    {
        // Each names 2048 folders: 4 Mi characters.
        var deep = string.Concat(Enumerable.Repeat("a/", 2047));
        var layers = await LayersAsync([.. Enumerable.Range(0, 70).Select(number => Plain($"{(char)('0' + number)}/{deep}", ""))]);

        await Should.ThrowAsync<ContentFormatException>(() => ImageFileSystem.ReadAsync(Store, layers, new ImageBounds(16 << 20, Most), Token));
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    public async Task A_link_to_a_path_that_is_too_long_is_refused(TarEntryType kind)
    {
        await ImageFileSystem.ReadAsync(Store, await LayersAsync([new PaxTarEntry(kind, "link") { LinkName = new string('x', 4096) }]), Token);
        var layers = await LayersAsync([new PaxTarEntry(kind, "link") { LinkName = new string('x', 4097) }]);

        (await Should.ThrowAsync<ContentFormatException>(() => ImageFileSystem.ReadAsync(Store, layers, Token))).Message.ShouldContain("4096");
    }

    [Fact]
    public async Task The_target_of_a_hard_link_is_not_held()
    {
        var files = await ImageFileSystem.ReadAsync(Store, await LayersAsync([Plain("one", "1"), Hard("two", "one")]), Token);

        files.At("two").ShouldNotBeNull().LinkTarget.ShouldBeEmpty();
        files.At("two")!.Bytes.ShouldBeSameAs(files.At("one"));
    }

    [Fact]
    public async Task Links_that_lead_through_ever_more_folders_are_followed_within_a_bound()
    {
        var far = string.Concat(Enumerable.Repeat("d/../", 100));
        var layers = await LayersAsync([Plain("d/file", ""), Symbolic("far", $"{far}d"), .. Enumerable.Range(0, 10).Select(number => Hard($"link{number}", "far/file"))]);

        // Each leads through the link and the 201 folders that it names.
        (await ImageFileSystem.ReadAsync(Store, layers, new ImageBounds(Most, 2020), Token)).At("link9").ShouldNotBeNull().Bytes.ShouldNotBeNull();
        (await Should.ThrowAsync<ContentFormatException>(() => ImageFileSystem.ReadAsync(Store, layers, new ImageBounds(Most, 2019), Token)))
            .Message.ShouldContain("more than 2019 folders");
    }

    [Theory]
    [InlineData('x')]
    [InlineData('L')]
    [InlineData('K')]
    public async Task A_header_of_a_gigabyte_is_refused_by_what_it_claims(char type)
    {
        var header = new UstarTarEntry(TarEntryType.RegularFile, "huge");
        var tar = Tar(header)[..512];
        "10000000000\0"u8.CopyTo(tar.AsSpan(124));
        tar[156] = (byte)type;
        tar.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(tar.Sum(value => value), 8).PadLeft(6, '0') + "\0 ").CopyTo(tar.AsSpan(148));
        var layer = await AddAsync(tar, MediaTypes.OciLayer);

        (await Should.ThrowAsync<ContentFormatException>(() => ImageFileSystem.ReadAsync(Store, [layer], Token)))
            .Message.ShouldContain("a name or header of 1073741824 bytes; at most 1048576 are read");
    }

    [Theory]
    [InlineData(".")]
    [InlineData("./")]
    [InlineData("/")]
    public async Task The_root_stays_a_folder_whatever_a_layer_says(string root)
    {
        var layers = await LayersAsync([Plain("a", "1"), Hard(root, "a")], [Plain(root, "evil")], [Symbolic(root, "/etc")]);

        (await UnpackedAsync(layers)).ShouldBe(["a: 1"]);
        var got = (await new ImageExtract(Store).RunAsync(layers, "", Folder.MakeFolder("out"), Token)).ShouldNotBeNull();
        got.IsSingleFile.ShouldBeFalse();
        got.Files.Select(file => file.Path).ShouldBe(["root/a"]);
    }

    [Fact]
    public async Task A_hard_link_to_a_symbolic_link_is_that_link()
    {
        var layers = await LayersAsync(
        [
            Plain("usr/bin/real", "real"), Symbolic("usr/bin/soft", "real"), Symbolic("bin", "usr/bin"), Symbolic("usr/bin/dangling", "nowhere"),
            Hard("usr/bin/one", "bin/soft"), Hard("usr/bin/two", "usr/bin/one"), Hard("usr/bin/three", "usr/bin/dangling"), Hard("usr/bin/four", "bin/real"),
        ]);

        (await UnpackedAsync(layers)).ShouldBe(
        [
            "bin -> usr/bin", "usr/bin/dangling -> nowhere", "usr/bin/four: real", "usr/bin/one -> real", "usr/bin/real: real", "usr/bin/soft -> real",
            "usr/bin/three -> nowhere", "usr/bin/two -> real",
        ]);
        (await ExtractedAsync(layers, "usr/bin/two")).ShouldBe(["two: real"]);
        (await ExtractedAsync(layers, "bin")).ShouldBe(["bin/four: real", "bin/real: real"], "links are not written");
    }

    [Fact]
    public async Task A_hard_link_has_what_its_layer_had_at_that_path_before_it()
    {
        var layers = await LayersAsync([Plain("d/a", "first"), Hard("d/link", "d/a"), Plain("d/a", "second"), Hard("d/later", "d/a")]);

        (await UnpackedAsync(layers)).ShouldBe(["d/a: second", "d/later: second", "d/link: first"]);
        (await ExtractedAsync(layers, "d")).ShouldBe(["d/a: second", "d/later: second", "d/link: first"]);
        (await ExtractedAsync(layers, "d/link")).ShouldBe(["link: first"]);
    }

    private async Task<IReadOnlyList<string>> UnpackedAsync(IReadOnlyList<Descriptor> layers) => Shown(await UnpackAsync(layers));

    private async Task<IReadOnlyList<string>> ExtractedAsync(IReadOnlyList<Descriptor> layers, string path)
    {
        var folder = Folder.MakeFolder(Path.GetRandomFileName());
        var got = (await new ImageExtract(Store).RunAsync(layers, path, folder, Token)).ShouldNotBeNull();
        var shown = Shown(folder);
        got.Files.Select(file => file.Path).ShouldBe(shown.Select(line => line.Split(':')[0]));
        return shown;
    }

    /// <summary>Files with what they hold and links with where they lead, in order.</summary>
    private static IReadOnlyList<string> Shown(string folder) =>
    [
        .. Found(new DirectoryInfo(folder))
            .Select(found => Path.GetRelativePath(folder, found.FullName) + (found.LinkTarget is { } target ? $" -> {target}" : $": {File.ReadAllText(found.FullName)}"))
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<FileSystemInfo> Found(DirectoryInfo folder) =>
        folder.EnumerateFileSystemInfos().SelectMany(found => found is DirectoryInfo { LinkTarget: null } inner ? Found(inner) : [found]);
}
