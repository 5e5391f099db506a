using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Fetch.Images;
using Pier.Fetch.Status;
using Pier.Fetch.Uris;

namespace Pier.UnitTests.Fetch.Images;

/// <summary>Files out of layers, with whiteouts, links and paths that want to lead out.</summary>
public sealed class ImageFilesTests : LayerSetting
{
    [Fact]
    public async Task The_highest_layer_has_the_last_word()
    {
        var image = await ImageAsync(Layer(("etc/motd", "old")), Layer(("./etc/motd", "new")));

        (await TextAsync(image, "etc/motd")).ShouldBe("new");
    }

    [Fact]
    public async Task A_whiteout_hides_what_is_below()
    {
        var image = await ImageAsync(Layer(("etc/motd", "old")), Layer(("etc/.wh.motd", "")));

        await Should.ThrowAsync<ContentNotFoundException>(() => TextAsync(image, "etc/motd"));
    }

    [Fact]
    public async Task An_opaque_folder_hides_lower_files_and_keeps_its_own()
    {
        var image = await ImageAsync(Layer(("d/old", "1")), Layer(("d/new", "2"), ("d/.wh..wh..opq", "")));

        await Should.ThrowAsync<ContentNotFoundException>(() => TextAsync(image, "d/old"));
        (await TextAsync(image, "d/new")).ShouldBe("2");
    }

    [Fact]
    public async Task Links_are_followed_as_inside_the_image()
    {
        var image = await ImageAsync(Tar(
            Symbolic("bin", "usr/bin"), Plain("usr/bin/real", "hello"), Symbolic("usr/bin/sh", "/usr/bin/real"), Symbolic("usr/bin/up", "../../../../usr/bin/real")));

        (await TextAsync(image, "bin/sh")).ShouldBe("hello");
        (await TextAsync(image, "bin/up")).ShouldBe("hello");
    }

    [Fact]
    public async Task A_circle_of_links_ends()
    {
        var image = await ImageAsync(Tar(Symbolic("a", "b"), Symbolic("b", "a")));

        await Should.ThrowAsync<ContentNotFoundException>(() => TextAsync(image, "a"));
    }

    [Fact]
    public async Task Hard_links_have_the_bytes_of_what_they_link_to()
    {
        var image = await ImageAsync(Tar(Plain("one", "same"), Hard("two", "one")));

        (await TextAsync(image, "two")).ShouldBe("same");
    }

    [Fact]
    public async Task A_folder_comes_with_what_lies_below_it()
    {
        var image = await ImageAsync(Layer(("srv/a", "1"), ("srv/deep/b", "22"), ("other", "x")), Layer(("srv/.wh.a", "")));

        var download = await new ImageFiles(Store).ExtractAsync(image, "srv", Folder.MakeFolder("out"), Token);

        download.IsSingleFile.ShouldBeFalse();
        download.Files.Select(file => (file.Path, file.Size)).ShouldBe([("srv/deep/b", 2L)]);
    }

    [Fact]
    public async Task Names_that_lead_out_are_not_there()
    {
        var image = await ImageAsync(Layer(("../../outside", "evil"), ("/abs", "fine")));

        await Should.ThrowAsync<ContentNotFoundException>(() => TextAsync(image, "outside"));
        (await TextAsync(image, "abs")).ShouldBe("fine");
        File.Exists(Folder.Below("outside")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_whole_image_is_unpacked_and_nothing_leads_out_of_it()
    {
        var lower = Tar(
            new PaxTarEntry(TarEntryType.Directory, "etc") { Mode = (UnixFileMode)0x1c0, ModificationTime = DateTimeOffset.UnixEpoch.AddDays(1) },
            Plain("etc/old", "old"),
            Plain("etc/gone", "gone"),
            new PaxTarEntry(TarEntryType.RegularFile, "bin/run") { Mode = (UnixFileMode)0x9ed, DataStream = new MemoryStream("run"u8.ToArray()), ModificationTime = DateTimeOffset.UnixEpoch.AddDays(2) },
            Hard("bin/same", "bin/run"),
            Symbolic("out", Folder.Path),
            new PaxTarEntry(TarEntryType.Fifo, "pipe"));
        var image = await ImageAsync(lower, Layer(("etc/old", "new"), ("etc/.wh.gone", ""), ("out/evil", "evil"), ("../evil", "evil")));

        var folder = await UnpackAsync(await new ImageFiles(Store).LayersAsync(image, Token));

        Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Select(path => Path.GetRelativePath(folder, path))
            .Order(StringComparer.Ordinal).ShouldBe(["bin", "bin/run", "bin/same", "etc", "etc/old"]);
        File.ReadAllText(Path.Combine(folder, "etc/old")).ShouldBe("new");
        File.ReadAllText(Path.Combine(folder, "bin/same")).ShouldBe("run");
        File.GetUnixFileMode(Path.Combine(folder, "bin/run")).ShouldBe((UnixFileMode)0x1ed, "without its set-user-id bit");
        File.GetLastWriteTimeUtc(Path.Combine(folder, "bin/run")).ShouldBe(DateTime.UnixEpoch.AddDays(2));
        File.GetUnixFileMode(Path.Combine(folder, "etc")).ShouldBe((UnixFileMode)0x1c0);
        Directory.GetLastWriteTimeUtc(Path.Combine(folder, "etc")).ShouldBe(DateTime.UnixEpoch.AddDays(1));
        new FileInfo(Path.Combine(folder, "out")).LinkTarget.ShouldBe(Folder.Path);
        Path.Exists(Folder.Below("evil")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_hard_link_keeps_what_it_linked_to_when_an_upper_layer_has_another_file_of_that_name_or_none()
    {
        var lower = Tar(Plain("a", "old a"), Plain("b", "old b"), Hard("a1", "a"), Hard("a2", "a1"), Hard("b1", "b"), Hard("none", "nothing"));
        var image = await ImageAsync(lower, Layer(("a", "new a"), (".wh.b", "")));

        var folder = await UnpackAsync(await new ImageFiles(Store).LayersAsync(image, Token));

        Directory.EnumerateFiles(folder).Select(file => $"{Path.GetFileName(file)}: {File.ReadAllText(file)}").Order(StringComparer.Ordinal)
            .ShouldBe(["a1: old a", "a2: old a", "a: new a", "b1: old b"]);
        File.WriteAllText(Path.Combine(folder, "a1"), "one file");
        File.ReadAllText(Path.Combine(folder, "a2")).ShouldBe("one file");
        (await TextAsync(image, "a2")).ShouldBe("old a");
        (await TextAsync(image, "b1")).ShouldBe("old b");
    }

    [Fact]
    public async Task Names_of_one_file_stay_that_when_a_folder_is_taken_out()
    {
        var image = await ImageAsync(Tar(Plain("d/one", "same"), Hard("d/two", "d/one")));

        await new ImageFiles(Store).ExtractAsync(image, "d", Folder.MakeFolder("out"), Token);

        File.WriteAllText(Folder.Below("out", "d", "one"), "changed");
        File.ReadAllText(Folder.Below("out", "d", "two")).ShouldBe("changed");
    }

    [Fact]
    public async Task What_an_earlier_try_left_as_names_of_one_file_are_files_of_their_own_again()
    {
        var files = new ImageFiles(Store);
        await files.ExtractAsync(await ImageAsync(Tar(Plain("d/one", "same"), Hard("d/two", "d/one"))), "d", Folder.MakeFolder("out"), Token);

        await files.ExtractAsync(await ImageAsync(Tar(Plain("d/one", "1"), Plain("d/two", "22"))), "d", Folder.Below("out"), Token);

        File.ReadAllText(Folder.Below("out", "d", "one")).ShouldBe("1");
        File.ReadAllText(Folder.Below("out", "d", "two")).ShouldBe("22");
    }

    [Fact]
    public async Task Bytes_that_are_no_tar_are_a_format_error()
    {
        var image = await ImageAsync(new string('x', 5000).Select(c => (byte)c).ToArray());

        await Should.ThrowAsync<ContentFormatException>(() => TextAsync(image, "a"));
    }

    [Fact]
    public async Task A_layer_may_be_compressed_by_Zstandard() =>
        (await TextAsync(await ImageAsync([Layer(("a", "1"))], MediaTypes.OciLayerZstd), "a")).ShouldBe("1");

    [Fact]
    public async Task A_compression_that_cannot_be_read_says_so()
    {
        var image = await ImageAsync([Layer(("a", "1"))], MediaTypes.OciLayer + "+brotli");

        (await Should.ThrowAsync<ContentFormatException>(() => TextAsync(image, "a"))).Message.ShouldContain("brotli");
    }

    private async Task<string> TextAsync(PulledImage image, string path)
    {
        var folder = Folder.MakeFolder("out", Path.GetRandomFileName());
        var download = await new ImageFiles(Store).ExtractAsync(image, path, folder, Token);
        download.IsSingleFile.ShouldBeTrue();
        return await File.ReadAllTextAsync(Path.Combine(folder, download.Files.Single().Path), Token);
    }

    private Task<PulledImage> ImageAsync(params byte[][] layers) => ImageAsync(layers, MediaTypes.OciLayerGzip);

    private async Task<PulledImage> ImageAsync(byte[][] layers, string layerType)
    {
        var descriptors = new List<Descriptor>();
        foreach (var layer in layers)
        {
            descriptors.Add(await AddAsync(layerType == MediaTypes.OciLayerZstd ? Zstandard(layer) : Gzip(layer), layerType));
        }
        var config = await AddAsync("{}"u8.ToArray(), MediaTypes.OciConfig);
        var parts = string.Join(',', descriptors.Select(Describe));
        var manifest = await AddAsync(
            Encoding.UTF8.GetBytes(
                $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Describe(config)}},"layers":[{{parts}}]}"""),
            MediaTypes.OciManifest);
        return new PulledImage(
            ImageReference.Parse("registry.test/app:1"), manifest.Digest, manifest.MediaType, [manifest], [config, .. descriptors], SourceBytes.None, null);
    }

    private static string Describe(Descriptor part) => $$"""{"mediaType":"{{part.MediaType}}","digest":"{{part.Digest}}","size":{{part.Size}}}""";

    private static byte[] Gzip(byte[] content)
    {
        var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }
        return buffer.ToArray();
    }

    /// <summary>One frame of one block that is not compressed (RFC 8878 §3.1.1).</summary>
    private static byte[] Zstandard(byte[] content)
    {
        var header = (content.Length << 3) | 1;
        return [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, (byte)header, (byte)(header >> 8), (byte)(header >> 16), .. content];
    }
}
