using System.Formats.Tar;
using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Store.Layout;
using Pier.TestKit.Files;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Store;

public sealed class OciLayoutTests : IAsyncDisposable
{
    private const string Marker = """{"imageLayoutVersion":"1.0.0"}""";

    private readonly TempFolder _folder = TempFolder.Create("layout");
    private readonly MemoryContentStore _from = new(new ManualTimeProvider());
    private readonly MemoryContentStore _to = new(new ManualTimeProvider());
    private readonly SampleImage _image;

    public OciLayoutTests() => _image = new SampleImage(_from);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task A_folder_brings_the_image_over_with_its_name()
    {
        var layout = _folder.Below("out");
        (await new OciLayoutExporter(_from).ToFolderAsync([_image.Entry], layout, Cancel)).ShouldBeGreaterThan(100_000);

        (await ImportFolderAsync(layout)).ShouldBe([_image.Entry]);

        (await HeldAsync()).ShouldBe(_image.All, ignoreOrder: true);
        (await File.ReadAllTextAsync(Path.Combine(layout, "oci-layout"), Cancel)).ShouldBe(Marker);
    }

    [Fact]
    public async Task A_tar_brings_the_image_over_and_is_the_same_each_time()
    {
        var tar = await ExportTarAsync();
        tar.ToArray().ShouldBe((await ExportTarAsync()).ToArray());

        (await ImportTarAsync(tar)).ShouldBe([_image.Entry]);

        (await HeldAsync()).ShouldBe(_image.All, ignoreOrder: true);
    }

    [Fact]
    public async Task The_index_is_frozen()
    {
        await new OciLayoutExporter(_from).ToFolderAsync([_image.Entry], _folder.Below("out"), Cancel);

        var size = (await _from.StatAsync(_image.Index, Cancel))!.Size;
        (await File.ReadAllTextAsync(_folder.Below("out", "index.json"), Cancel)).ShouldBe(
            $$$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1\u002Bjson","manifests":[{"mediaType":"application/vnd.oci.image.index.v1\u002Bjson","digest":"{{{_image.Index}}}","size":{{{size}}},"annotations":{"org.opencontainers.image.ref.name":"docker.io/library/sample:1"}}]}""");
    }

    [Fact]
    public async Task An_image_that_is_not_whole_is_not_exported()
    {
        await _from.RemoveAsync(_image.Layers[1], Cancel);

        var refusal = await Should.ThrowAsync<ContentNotFoundException>(() => new OciLayoutExporter(_from).ToFolderAsync([_image.Entry], _folder.Below("out"), Cancel));

        refusal.Message.ShouldContain(_image.Layers[1].ToString());
        refusal.Message.ShouldContain(_image.Manifest.ToString());
    }

    [Fact]
    public async Task A_folder_that_is_not_empty_is_left_alone()
    {
        _folder.MakeFolder("out", "mine");

        (await Should.ThrowAsync<ContentStorageException>(() => new OciLayoutExporter(_from).ToFolderAsync([_image.Entry], _folder.Below("out"), Cancel)))
            .Message.ShouldContain("not empty");
    }

    [Fact]
    public async Task A_layout_that_misses_a_blob_is_refused_and_leaves_nothing()
    {
        var layout = _folder.Below("out");
        await new OciLayoutExporter(_from).ToFolderAsync([_image.Entry], layout, Cancel);
        File.Delete(Path.Combine(layout, "blobs", "sha256", _image.Config.Hex));

        (await Should.ThrowAsync<ContentFormatException>(() => ImportFolderAsync(layout))).Message.ShouldContain(_image.Config.ToString());

        (await HeldAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_blob_that_is_not_what_its_name_says_is_refused_and_leaves_nothing()
    {
        var layout = _folder.Below("out");
        await new OciLayoutExporter(_from).ToFolderAsync([_image.Entry], layout, Cancel);
        await File.WriteAllTextAsync(Path.Combine(layout, "blobs", "sha256", _image.Config.Hex), "lies", Cancel);

        await Should.ThrowAsync<ContentMismatchException>(() => ImportFolderAsync(layout));

        (await HeldAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_layout_does_not_need_does_not_stay_and_what_was_held_does()
    {
        var stray = "stray"u8.ToArray();
        var held = _to.Add("held before"u8);
        var tar = Tar(("oci-layout", Marker), ("index.json", Index()), (BlobName(Digest.Compute(stray)), "stray"), (BlobName(held), "held before"));

        (await ImportTarAsync(tar)).ShouldBeEmpty();

        (await HeldAsync()).ShouldBe([held]);
    }

    [Fact]
    public async Task Links_out_of_the_folder_are_not_followed()
    {
        var layout = _folder.MakeFolder("hostile");
        await File.WriteAllTextAsync(Path.Combine(layout, "oci-layout"), Marker, Cancel);
        await File.WriteAllTextAsync(Path.Combine(layout, "index.json"), Index(), Cancel);
        var secret = _folder.MakeFolder("secret");
        await File.WriteAllTextAsync(Path.Combine(secret, Digest.Compute("secret"u8).Hex), "secret", Cancel);
        _folder.MakeFolder("hostile", "blobs");
        Directory.CreateSymbolicLink(Path.Combine(layout, "blobs", "sha256"), secret);

        (await ImportFolderAsync(layout)).ShouldBeEmpty();

        (await HeldAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("no marker", "oci-layout", null, null)]
    [InlineData("no index", "index.json", Marker, null)]
    [InlineData("version", "version '2.0.0'", """{"imageLayoutVersion":"2.0.0"}""", "{}")]
    [InlineData("marker is not JSON", "oci-layout is not JSON", "x", "{}")]
    [InlineData("index is not JSON", "index.json", Marker, "x")]
    [InlineData("index is a manifest", "index.json", Marker, """{"schemaVersion":2}""")]
    [InlineData("size of the image lies", "index.json says 5", Marker, "LIE")]
    public async Task What_is_no_layout_is_refused_by_name(string what, string expected, string? marker, string? index)
    {
        var tar = Tar(
            (BlobName(_image.Config), """{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"""),
            (marker is null ? "x" : "oci-layout", marker ?? ""),
            (index is null ? "y" : "./index.json", index == "LIE" ? Index((_image.Config, 5)) : index ?? ""));

        (await Should.ThrowAsync<ContentException>(() => ImportTarAsync(tar), what)).Message.ShouldContain(expected);

        (await HeldAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_archive_of_an_old_docker_save_is_told_how_to_be_converted() =>
        (await Should.ThrowAsync<ContentFormatException>(() => ImportTarAsync(Tar(("manifest.json", "[]"))))).Message.ShouldContain("skopeo copy");

    [Theory]
    [InlineData(2, long.MaxValue, "more than 2 entries")]
    [InlineData(100, 60_000, "more than 60000 bytes")]
    public async Task A_tar_beyond_a_bound_is_refused(int entries, long bytes, string expected)
    {
        var importer = new OciLayoutImporter(_to, new LayoutLimits { Entries = entries, TotalBytes = bytes });

        (await Should.ThrowAsync<ContentFormatException>(async () => await importer.FromTarAsync(await ExportTarAsync(), Cancel))).Message.ShouldContain(expected);

        (await HeldAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_that_lead_elsewhere_are_only_names()
    {
        var tar = Tar(("oci-layout", Marker), ("index.json", Index()), ("../../etc/passwd", "x"), ("/blobs/sha256/x", "x"), ("blobs/sha256/../../x", "x"));

        (await ImportTarAsync(tar)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_cut_tar_is_refused_or_ends_at_a_block_and_leaves_nothing_half()
    {
        var tar = (await ExportTarAsync()).ToArray();
        for (var length = 0; length < tar.Length; length += 1009)
        {
            await Should.ThrowAsync<ContentException>(() => ImportTarAsync(new MemoryStream(tar, 0, length)));
            (await HeldAsync()).ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_mutated_tar_gives_its_images_or_a_documented_error(int seed)
    {
        var random = new Random(seed);
        var tar = (await ExportTarAsync()).ToArray();
        for (var i = 0; i < 250; i++)
        {
            var mutant = tar.AsSpan().ToArray();
            for (var edit = random.Next(1, 4); edit > 0; edit--)
            {
                // Headers are where structure is: aim at the first bytes of a block, and mend its checksum mostly.
                var block = random.Next(mutant.Length / 512) * 512;
                mutant[block + random.Next(345)] = (byte)random.Next(256);
                if (random.Next(4) > 0)
                {
                    MendChecksum(mutant.AsSpan(block, 512));
                }
            }

            try
            {
                await ImportTarAsync(new MemoryStream(mutant));
            }
            catch (ContentException e)
            {
                e.Message.ShouldNotBeEmpty();
            }
        }
    }

    private static void MendChecksum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
        {
            sum += value;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", header.Slice(148, 8));
    }

    private static string BlobName(Digest digest) => $"blobs/{digest.AlgorithmName}/{digest.Hex}";

    private static string Index(params (Digest Digest, int Size)[] entries) =>
        "{\"schemaVersion\":2,\"manifests\":["
        + string.Join(',', entries.Select(entry => $$"""{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{entry.Digest}}","size":{{entry.Size}} }"""))
        + "]}";

    private static MemoryStream Tar(params (string Name, string Content)[] files)
    {
        var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Gnu, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
            }
        }

        stream.Position = 0;
        return stream;
    }

    private async Task<MemoryStream> ExportTarAsync()
    {
        var tar = new MemoryStream();
        await new OciLayoutExporter(_from).ToTarAsync([_image.Entry], tar, Cancel);
        tar.Position = 0;
        return tar;
    }

    private Task<IReadOnlyList<LayoutImage>> ImportFolderAsync(string folder) => new OciLayoutImporter(_to, new LayoutLimits()).FromFolderAsync(folder, Cancel);

    private Task<IReadOnlyList<LayoutImage>> ImportTarAsync(Stream tar) => new OciLayoutImporter(_to, new LayoutLimits()).FromTarAsync(tar, Cancel);

    private async Task<IReadOnlyList<Digest>> HeldAsync()
    {
        var held = new List<Digest>();
        await foreach (var info in _to.ListAsync(Cancel))
        {
            held.Add(info.Digest);
        }

        return held;
    }
}
