using Pier.Store.Layout;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.InteropTests.Store;

/// <summary>OCI layouts to and from skopeo, which reads and writes them by containers/image.</summary>
public sealed class SkopeoLayoutTests : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.Create("skopeo");
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private readonly StoredImage _image;

    public SkopeoLayoutTests() => _image = new StoredImage(_store);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task Skopeo_reads_the_folder_and_what_it_writes_comes_back()
    {
        var ours = _folder.Below("ours");
        await new OciLayoutExporter(_store).ToFolderAsync([_image.Entry], ours, Cancel);

        await CopyAsync($"oci:{ours}:{StoredImage.Name}", $"oci:{_folder.Below("theirs")}:{StoredImage.Name}");

        var back = new MemoryContentStore(new ManualTimeProvider());
        var images = await new OciLayoutImporter(back, new LayoutLimits()).FromFolderAsync(_folder.Below("theirs"), Cancel);
        images.ShouldBe([_image.Entry]);
    }

    [Fact]
    public async Task Skopeo_reads_the_tar_and_what_it_writes_comes_back()
    {
        var (ours, theirs) = (_folder.Below("ours.tar"), _folder.Below("theirs.tar"));
        await using (var tar = File.Create(ours))
        {
            await new OciLayoutExporter(_store).ToTarAsync([_image.Entry], tar, Cancel);
        }

        await CopyAsync($"oci-archive:{ours}:{StoredImage.Name}", $"oci-archive:{theirs}:{StoredImage.Name}");

        await using var input = File.OpenRead(theirs);
        var back = new MemoryContentStore(new ManualTimeProvider());
        (await new OciLayoutImporter(back, new LayoutLimits()).FromTarAsync(input, Cancel)).ShouldBe([_image.Entry]);
    }

    [Fact]
    public async Task GNU_tar_reads_the_tar_and_what_it_packs_comes_back()
    {
        var (ours, unpacked, theirs) = (_folder.Below("ours.tar"), _folder.MakeFolder("unpacked"), _folder.Below("theirs.tar"));
        await using (var tar = File.Create(ours))
        {
            await new OciLayoutExporter(_store).ToTarAsync([_image.Entry], tar, Cancel);
        }

        (await Command.RunAsync("tar", ["-xf", ours, "-C", unpacked], Cancel)).OrThrow();
        (await Command.RunAsync("tar", ["-cf", theirs, "-C", unpacked, "."], Cancel)).OrThrow();

        await using var input = File.OpenRead(theirs);
        var back = new MemoryContentStore(new ManualTimeProvider());
        (await new OciLayoutImporter(back, new LayoutLimits()).FromTarAsync(input, Cancel)).ShouldBe([_image.Entry]);
    }

    private static async Task CopyAsync(string from, string to)
    {
        var skopeo = RequiredTool.Path("skopeo", "apt-get install skopeo");
        (await Command.RunAsync(skopeo, ["--insecure-policy", "copy", from, to], Cancel)).OrThrow();
    }
}
