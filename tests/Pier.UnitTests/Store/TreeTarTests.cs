using System.Formats.Tar;
using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Trees;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;
using Pier.TestKit.Trees;

namespace Pier.UnitTests.Store;

/// <summary>The tar of a tree, a frozen format: builds name trees by its digest.</summary>
public sealed class TreeTarTests
{
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_digest_of_a_tree_never_changes()
    {
        var blob = await WriteAsync(
            Entry("b/prog", "#!/bin/sh\n", 0x1e8), Entry("b/link", link: "../a"), Entry("a", "hello", 0x180), new MemoryTreeEntry("empty", Mode: 0x1c0), Entry("ü", ""));

        blob.Digest.ToString().ShouldBe("sha256:40abb8ecdd7e9e15f76ab721817c1ba42ab01afab7f5e513d195125805b6f4ac");
        blob.Size.ShouldBe(6144);
    }

    [Fact]
    public async Task Tar_readers_see_names_modes_links_and_no_owner_or_time()
    {
        var longName = new string('n', 120) + "/" + new string('m', 90);
        var entries = await ReadBackAsync(await WriteAsync(Entry(longName, "x"), Entry("bin", "y", 0x1ff), Entry("z", link: new string('l', 150))));

        entries.Select(entry => entry.Name).ShouldBe(["bin", new string('n', 120) + "/", longName, "z"]);
        entries.Select(entry => entry.EntryType).ShouldBe([TarEntryType.RegularFile, TarEntryType.Directory, TarEntryType.RegularFile, TarEntryType.SymbolicLink]);
        Convert.ToString((int)entries[0].Mode, 8).ShouldBe("755");
        Convert.ToString((int)entries[2].Mode, 8).ShouldBe("644");
        entries[3].LinkName.ShouldBe(new string('l', 150));
        entries.ShouldAllBe(entry => entry.Uid == 0 && entry.Gid == 0 && entry.ModificationTime == DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public void A_size_beyond_eleven_octal_digits_has_its_own_record()
    {
        var header = TarHeaderText.Write("f", new TreeNode(2, "f", TreeNodeKind.File, 0, 1L << 40), 1L << 40);

        header.Length.ShouldBe(3 * TarHeaderText.BlockSize);
        Encoding.ASCII.GetString(header, TarHeaderText.BlockSize, 22).ShouldBe("22 size=1099511627776\n");
    }

    [Fact]
    public async Task Only_wanted_paths_become_entries()
    {
        await using var ingest = await _store.IngestAsync(null, null, Cancel);
        await TreeTar.WriteAsync(new MemoryTree([Entry("a/b", "x"), Entry("a/c", "y"), Entry("d/e", "z")]), ingest, path => path is "a" or "a/c", Cancel);

        (await ReadBackAsync(await ingest.SealAsync(Cancel))).Select(entry => entry.Name).ShouldBe(["a/", "a/c"]);
    }

    [Fact]
    public async Task A_file_that_ends_early_is_noticed()
    {
        await using var ingest = await _store.IngestAsync(null, null, Cancel);
        await Should.ThrowAsync<ContentMismatchException>(() => TreeTar.WriteAsync(new ShortTree(), ingest, isWanted: null, Cancel));
    }

    private static MemoryTreeEntry Entry(string path, string? content = null, int mode = 0x1a4, string? link = null) =>
        new(path, content is null ? null : Encoding.UTF8.GetBytes(content), link, mode);

    private async Task<BlobInfo> WriteAsync(params MemoryTreeEntry[] entries)
    {
        await using var ingest = await _store.IngestAsync(null, null, Cancel);
        await TreeTar.WriteAsync(new MemoryTree(entries), ingest, isWanted: null, Cancel);
        return await ingest.SealAsync(Cancel);
    }

    private async Task<List<TarEntry>> ReadBackAsync(BlobInfo blob)
    {
        await using var reader = (await _store.OpenAsync(blob.Digest, Cancel)).ShouldNotBeNull();
        var bytes = new byte[reader.Length];
        for (var offset = 0; offset < bytes.Length;)
        {
            offset += await reader.ReadAtAsync(offset, bytes.AsMemory(offset), Cancel);
        }

        using var tar = new TarReader(new MemoryStream(bytes));
        var entries = new List<TarEntry>();
        while (await tar.GetNextEntryAsync(copyData: true, Cancel) is { } entry)
        {
            entries.Add(entry);
        }

        return entries;
    }

    /// <summary>One file that promises more than it has.</summary>
    private sealed class ShortTree : IContentTree
    {
        public ulong Root => 1;

        public ValueTask<TreeNode?> FindAsync(ulong id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<TreeNode?> LookupAsync(ulong parent, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async IAsyncEnumerable<TreeNode> ReadDirectoryAsync(ulong directory, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await ValueTask.CompletedTask;
            yield return new TreeNode(2, "short", TreeNodeKind.File, 0x1a4, 10);
        }

        public ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken) => ValueTask.FromResult<ITreeFile>(new ShortFile());

        private sealed class ShortFile : ITreeFile
        {
            public long Length => 4;

            public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) => ValueTask.FromResult(offset < 4 ? 4 : 0);

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
