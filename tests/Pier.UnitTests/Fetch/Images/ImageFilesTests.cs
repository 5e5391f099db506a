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
using Pier.Store.Blobs;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Fetch.Images;

/// <summary>Files out of layers, with whiteouts, links and paths that want to lead out.</summary>
public sealed class ImageFilesTests : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.Create("image");
    private readonly CollectedLogs _logs = new();
    private readonly FileContentStore _store;

    public ImageFilesTests() =>
        _store = new FileContentStore(_folder.MakeFolder("blobs"), TimeProvider.System, _logs.CreateLogger<FileContentStore>());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

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
        var image = await ImageAsync(Tar(tar =>
        {
            Link(tar, "bin", "usr/bin");
            File(tar, "usr/bin/real", "hello");
            Link(tar, "usr/bin/sh", "/usr/bin/real");
            Link(tar, "usr/bin/up", "../../../../usr/bin/real");
        }));

        (await TextAsync(image, "bin/sh")).ShouldBe("hello");
        (await TextAsync(image, "bin/up")).ShouldBe("hello");
    }

    [Fact]
    public async Task A_circle_of_links_ends()
    {
        var image = await ImageAsync(Tar(tar =>
        {
            Link(tar, "a", "b");
            Link(tar, "b", "a");
        }));

        await Should.ThrowAsync<ContentNotFoundException>(() => TextAsync(image, "a"));
    }

    [Fact]
    public async Task Hard_links_have_the_bytes_of_what_they_link_to()
    {
        var image = await ImageAsync(Tar(tar =>
        {
            File(tar, "one", "same");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "two") { LinkName = "one" });
        }));

        (await TextAsync(image, "two")).ShouldBe("same");
    }

    [Fact]
    public async Task A_folder_comes_with_what_lies_below_it()
    {
        var image = await ImageAsync(Layer(("srv/a", "1"), ("srv/deep/b", "22"), ("other", "x")), Layer(("srv/.wh.a", "")));

        var download = await new ImageFiles(_store).ExtractAsync(image, "srv", _folder.MakeFolder("out"), Token);

        download.IsSingleFile.ShouldBeFalse();
        download.Files.Select(file => (file.Path, file.Size)).ShouldBe([("srv/deep/b", 2L)]);
    }

    [Fact]
    public async Task Names_that_lead_out_are_not_there()
    {
        var image = await ImageAsync(Layer(("../../outside", "evil"), ("/abs", "fine")));

        await Should.ThrowAsync<ContentNotFoundException>(() => TextAsync(image, "outside"));
        (await TextAsync(image, "abs")).ShouldBe("fine");
        System.IO.File.Exists(_folder.Below("outside")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_whole_image_is_unpacked_and_nothing_leads_out_of_it()
    {
        var lower = Tar(tar =>
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "etc") { Mode = (UnixFileMode)0x1c0, ModificationTime = DateTimeOffset.UnixEpoch.AddDays(1) });
            File(tar, "etc/old", "old");
            File(tar, "etc/gone", "gone");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/run") { Mode = (UnixFileMode)0x9ed, DataStream = new MemoryStream("run"u8.ToArray()), ModificationTime = DateTimeOffset.UnixEpoch.AddDays(2) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "bin/same") { LinkName = "bin/run" });
            Link(tar, "out", _folder.Path);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Fifo, "pipe"));
        });
        var image = await ImageAsync(lower, Layer(("etc/old", "new"), ("etc/.wh.gone", ""), ("out/evil", "evil"), ("../evil", "evil")));
        var folder = _folder.Below("whole");

        await new ImageUnpack(null!, new ImageFiles(_store), _store).UnpackAsync(await new ImageFiles(_store).LayersAsync(image, Token), folder, Token);

        Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Select(path => Path.GetRelativePath(folder, path))
            .Order(StringComparer.Ordinal).ShouldBe(["bin", "bin/run", "bin/same", "etc", "etc/old"]);
        System.IO.File.ReadAllText(Path.Combine(folder, "etc/old")).ShouldBe("new");
        System.IO.File.ReadAllText(Path.Combine(folder, "bin/same")).ShouldBe("run");
        System.IO.File.GetUnixFileMode(Path.Combine(folder, "bin/run")).ShouldBe((UnixFileMode)0x1ed, "without its set-user-id bit");
        System.IO.File.GetLastWriteTimeUtc(Path.Combine(folder, "bin/run")).ShouldBe(DateTime.UnixEpoch.AddDays(2));
        System.IO.File.GetUnixFileMode(Path.Combine(folder, "etc")).ShouldBe((UnixFileMode)0x1c0);
        Directory.GetLastWriteTimeUtc(Path.Combine(folder, "etc")).ShouldBe(DateTime.UnixEpoch.AddDays(1));
        new FileInfo(Path.Combine(folder, "out")).LinkTarget.ShouldBe(_folder.Path);
        Path.Exists(_folder.Below("evil")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_hard_link_keeps_what_it_linked_to_when_an_upper_layer_has_another_file_of_that_name_or_none()
    {
        var lower = Tar(tar =>
        {
            File(tar, "a", "old a");
            File(tar, "b", "old b");
            foreach (var (name, target) in new[] { ("a1", "a"), ("a2", "a1"), ("b1", "b"), ("none", "nothing") })
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = target });
            }
        });
        var image = await ImageAsync(lower, Layer(("a", "new a"), (".wh.b", "")));
        var folder = _folder.Below("linked");

        await new ImageUnpack(null!, new ImageFiles(_store), _store).UnpackAsync(await new ImageFiles(_store).LayersAsync(image, Token), folder, Token);

        Directory.EnumerateFiles(folder).Select(file => $"{Path.GetFileName(file)}: {System.IO.File.ReadAllText(file)}").Order(StringComparer.Ordinal)
            .ShouldBe(["a1: old a", "a2: old a", "a: new a", "b1: old b"]);
        System.IO.File.WriteAllText(Path.Combine(folder, "a1"), "one file");
        System.IO.File.ReadAllText(Path.Combine(folder, "a2")).ShouldBe("one file");
        (await TextAsync(image, "a2")).ShouldBe("old a");
        (await TextAsync(image, "b1")).ShouldBe("old b");
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

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    private async Task<string> TextAsync(PulledImage image, string path)
    {
        var folder = _folder.MakeFolder("out", Path.GetRandomFileName());
        var download = await new ImageFiles(_store).ExtractAsync(image, path, folder, Token);
        download.IsSingleFile.ShouldBeTrue();
        return await System.IO.File.ReadAllTextAsync(Path.Combine(folder, download.Files.Single().Path), Token);
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

    private async Task<Descriptor> AddAsync(byte[] content, string type)
    {
        await using var ingest = await _store.IngestAsync(null, null, Token);
        await ingest.WriteAsync(content, Token);
        return new Descriptor(type, (await ingest.SealAsync(Token)).Digest, content.Length);
    }

    private static string Describe(Descriptor part) => $$"""{"mediaType":"{{part.MediaType}}","digest":"{{part.Digest}}","size":{{part.Size}}}""";

    private static byte[] Layer(params (string Path, string Text)[] files) => Tar(tar =>
    {
        foreach (var (path, text) in files)
        {
            File(tar, path, text);
        }
    });

    private static byte[] Tar(Action<TarWriter> write)
    {
        var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, leaveOpen: true))
        {
            write(tar);
        }
        return buffer.ToArray();
    }

    private static void File(TarWriter tar, string path, string text) => tar.WriteEntry(
        new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });

    private static void Link(TarWriter tar, string path, string target) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, path) { LinkName = target });

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
