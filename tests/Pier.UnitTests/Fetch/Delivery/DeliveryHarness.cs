using System.Collections.Concurrent;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Delivery;
using Pier.Fetch.Ladder;
using Pier.Fetch.Policy;
using Pier.Fetch.Status;
using Pier.Store.Blobs;
using Pier.Store.Partial;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>Real store and partial blobs on disk, scripted sources or those of a given finder, a clock that the test moves.</summary>
internal sealed class DeliveryHarness : IAsyncDisposable, ISealedBlobs, IBlobSizes, IShareRights
{
    private readonly TempFolder _folder = TempFolder.Create("fetch");
    public DeliveryHarness(
        int length = 50_000, Func<FetchOptions, FetchOptions>? with = null, ManualTimeProvider? clock = null, ISourceFinder? finder = null)
    {
        Clock = clock ?? new ManualTimeProvider();
        Content = new byte[length];
        new Random(7).NextBytes(Content);
        Digest = Digest.Compute(Content);
        var options = new FetchOptions { AccessFolder = _folder.Below("access") };
        Options = with?.Invoke(options) ?? options;
        Store = new FileContentStore(_folder.MakeFolder("blobs"), Clock, Logs.CreateLogger<FileContentStore>());
        Partials = new PartialBlobs(
            _folder.MakeFolder("partial"), Store, new PartialBlobOptions(), Clock, Logs.CreateLogger<PartialBlobs>());
        Bans = new SourceBans(Options, Clock);
        Parts = new FetchParts(Store, Partials, finder ?? Finder, Bans, this, Options, Clock, Logs.CreateLogger<BlobFetch>());
        Table = new FetchTable(Parts, History);
        Fetcher = new ContentFetcher(Store, Table, this, this, History, Clock);
    }

    public byte[] Content { get; }

    public Digest Digest { get; }

    public FetchOptions Options { get; }

    public ManualTimeProvider Clock { get; }

    public CollectedLogs Logs { get; } = new();

    public ScriptedFinder Finder { get; } = new();

    public FileContentStore Store { get; }

    public PartialBlobs Partials { get; }

    public SourceBans Bans { get; }

    public FetchHistory History { get; } = new();

    public FetchParts Parts { get; }

    public FetchTable Table { get; private set; }

    public ContentFetcher Fetcher { get; private set; }

    public ConcurrentQueue<Digest> Sealed { get; } = new();

    public BlobRequest Request => new(Digest, new RepositoryName("registry.test", "library/thing"));

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Whether who asks may have what came for others.</summary>
    public Func<RepositoryName, ValueTask<bool>> MayShare { get; set; } = _ => ValueTask.FromResult(true);

    /// <summary>Whether the registry of who asks says that it has a blob of that length.</summary>
    public Func<RepositoryName, long, bool> MayAwait { get; set; } = (_, _) => false;

    public ValueTask<bool> MayShareAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) => MayShare(repository);

    public ValueTask<bool> MayAwaitAsync(RepositoryName repository, Digest digest, long length, CancellationToken cancellationToken) =>
        ValueTask.FromResult(MayAwait(repository, length));

    /// <summary>Ends every fetch, as the end of the daemon does, and begins anew with what it left on disk.</summary>
    public async Task RestartAsync()
    {
        await Table.DisposeAsync();
        Table = new FetchTable(Parts, History);
        Fetcher = new ContentFetcher(Store, Table, this, this, History, Clock);
    }

    public ScriptedSource Good(SourceKind kind) => new(kind, Content);

    public void Add(BlobInfo blob, BlobFetch fetch) => Sealed.Enqueue(blob.Digest);

    public ValueTask<long?> FindAsync(BlobRequest request, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(null);

    /// <summary>Moves the clock in small steps until the work is done.</summary>
    public async Task<T> WhileTimePassesAsync<T>(Task<T> work, int stepMilliseconds = 50)
    {
        await PassUntilAsync(() => work.IsCompleted, stepMilliseconds);
        return await work;
    }

    /// <summary>Moves the clock in small steps until the condition holds.</summary>
    public Task PassUntilAsync(Func<bool> condition, int stepMilliseconds = 50) => Eventually.TrueAsync(
        () =>
        {
            if (condition())
            {
                return true;
            }
            Clock.Advance(TimeSpan.FromMilliseconds(stepMilliseconds));
            return false;
        },
        "the clock was moved and nothing came of it",
        Eventually.Patience,
        Token);

    /// <summary>Opens and reads the whole blob as a client does.</summary>
    public async Task<byte[]> ReadAllAsync(BlobRequest? request = null)
    {
        await using var reader = await Fetcher.OpenAsync(request ?? Request, Token);
        var bytes = new byte[reader.Length];
        for (var offset = 0; offset < bytes.Length;)
        {
            var read = await reader.ReadAtAsync(offset, bytes.AsMemory(offset), Token);
            read.ShouldBePositive();
            offset += read;
        }
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await Table.DisposeAsync();
        await Partials.DisposeAsync();
        await _folder.DisposeAsync();
        Logs.Dispose();
    }
}
