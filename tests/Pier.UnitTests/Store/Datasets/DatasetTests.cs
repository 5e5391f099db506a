using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Datasets;
using Pier.TestKit.Files;
using Pier.TestKit.Stores;
using Pier.TestKit.Trees;
using Pier.UnitTests.Content.Trees;

namespace Pier.UnitTests.Store.Datasets;

/// <summary>A dataset shows the sample: large files from blobs, small ones from a torrent.</summary>
public sealed class DatasetTreeTests : ContentTreeConformance
{
    private readonly MemoryContentStore _store = new(TimeProvider.System);

    [Fact]
    public async Task A_blob_that_is_gone_or_of_another_size_is_named()
    {
        var blob = await IngestAsync([1, 2, 3]);
        DatasetEntry[] entries = [new("gone", 0, 1, Digest.Compute("x"u8).ToString()), new("other", 0, 4, blob.ToString()), new("far", 0, 1, Torrent: new string('a', 40))];
        var tree = new DatasetTree(new DatasetDocument(1, "set", entries), _store, torrents: null);
        (await OpenAsync<ContentUnavailableException>("gone")).ShouldContain("'gone'");
        (await OpenAsync<ContentMismatchException>("other")).ShouldContain("'other' has 4 bytes");
        (await OpenAsync<ContentUnavailableException>("far")).ShouldContain("'far'");

        async Task<string> OpenAsync<T>(string name)
            where T : Exception
        {
            var node = await tree.LookupAsync(tree.Root, name, Token);
            return (await Should.ThrowAsync<T>(async () => await tree.OpenAsync(node!.Id, Token))).Message;
        }
    }

    protected override async Task<IContentTree> OpenAsync()
    {
        var entries = new List<DatasetEntry>();
        foreach (var entry in Sample)
        {
            entries.Add(entry switch
            {
                { Link: { } link } => new DatasetEntry(entry.Path, entry.Mode, Link: link),
                { Content: { Length: > 1000 or 0 } blob } => new DatasetEntry(entry.Path, entry.Mode, blob.Length, (await IngestAsync(blob)).ToString()),
                _ => new DatasetEntry(entry.Path, entry.Mode, entry.Content!.Length, Torrent: new string('a', 40), Offset: 5),
            });
        }

        var document = DatasetDocument.Parse(new DatasetDocument(1, "sample", entries).ToBytes());
        return new DatasetTree(document, _store, (entry, token) => OtherAsync(entry.Path, token));
    }

    private static async ValueTask<ITreeFile> OtherAsync(string path, CancellationToken token)
    {
        var tree = new MemoryTree([new("x", Sample.Single(entry => entry.Path == path).Content)]);
        return await tree.OpenAsync((await tree.LookupAsync(tree.Root, "x", token))!.Id, token);
    }

    private async Task<Digest> IngestAsync(byte[] bytes)
    {
        await using var ingest = await _store.IngestAsync(expected: null, size: null, Token);
        await ingest.WriteAsync(bytes, Token);
        return (await ingest.SealAsync(Token)).Digest;
    }
}

/// <summary>The documents of datasets on disk.</summary>
public sealed class DatasetStoreTests : IAsyncDisposable
{
    private static readonly DatasetEntry File = new("a/b", 0x1a4, 3, Digest.Compute("abc"u8).ToString());
    private static readonly DatasetDocument Document = new(1, "set", [File, new("a/l", 0x1ff, Link: "b"), new("d", 0x1ed, IsDirectory: true)]);

    private readonly TempFolder _folder = TempFolder.Create("datasets");

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public void What_is_put_is_found_listed_and_removed()
    {
        var store = new DatasetStore(_folder.Below("datasets"));
        var name = store.Put(Document);

        store.Put(Document).ShouldBe(name);
        new DatasetStore(_folder.Below("datasets")).Find(name)!.Entries.ShouldBe(Document.Entries);
        store.List().ShouldBe([name]);
        store.Remove(name).ShouldBeTrue();
        store.Remove(name).ShouldBeFalse();
        store.Find(name).ShouldBeNull();
    }

    [Fact]
    public void Its_form_does_not_change() => Encoding.UTF8.GetString((Document with { Entries = [File with { Digest = "sha256:" + new string('0', 64) }] }).ToBytes())
        .ShouldBe("""{"version":1,"name":"set","entries":[{"path":"a/b","mode":420,"size":3,"digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}]}""");

    [Fact]
    public void A_damaged_document_is_named()
    {
        var store = new DatasetStore(_folder.Below("datasets"));
        var name = store.Put(Document);
        System.IO.File.WriteAllText(_folder.Below("datasets", name.Hex + ".json"), "{}");

        Should.Throw<ContentFormatException>(() => store.Find(name)).Message.ShouldContain("damaged");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"version":2,"name":"x","entries":[]}""")]
    [InlineData("""{"version":1,"entries":[]}""")]
    [InlineData("""{"version":1,"name":"x"}""")]
    [InlineData("""{"version":1,"name":"x","entries":[null]}""")]
    [InlineData("""{"version":1,"name":"x","entries":[{"path":"a"}]}""")]
    [InlineData("""{"version":1,"name":"x","entries":[{"path":"a","link":"b","isDirectory":true}]}""")]
    [InlineData("""{"version":1,"name":"x","entries":[{"path":"a","digest":"sha256:xy"}]}""")]
    [InlineData("""{"version":1,"name":"x","entries":[{"path":"a","torrent":"../../etc"}]}""")]
    [InlineData("""{"version":1,"name":"x","entries":[{"path":"a","mode":4096,"isDirectory":true}]}""")]
    [InlineData("""{"version":1,"name":"x","entries":[{"path":"a","size":-1,"link":"b"}]}""")]
    public void What_is_no_dataset_is_refused(string text) =>
        Should.Throw<ContentFormatException>(() => DatasetDocument.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_document_whose_paths_make_no_tree_is_not_kept() => Should.Throw<ContentFormatException>(
        () => new DatasetStore(_folder.Below("datasets")).Put(Document with { Entries = [File with { Path = "../x" }] })).Message.ShouldContain("'../x'");
}
