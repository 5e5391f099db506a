using Microsoft.Extensions.Logging.Abstractions;
using Pier.Content.Contracts;
using Pier.TestKit.Trees;
using Pier.Volumes.Fuse.Serving;
using Pier.Volumes.Shelf;
using Pier.Volumes.Writing;

namespace Pier.UnitTests.Volumes.Shelf;

/// <summary>Content and mounts that only a test sees; opens what it is told to, and remembers.</summary>
internal sealed class FakeTrees : ITreeFetcher, IVolumeMounts
{
    public IContentTree Tree { get; set; } = new MemoryTree([new("a.bin", [1, 2, 3]), new("d/e", [4])]);

    /// <summary>Content opens when this has ended.</summary>
    public Task Found { get; set; } = Task.CompletedTask;

    /// <summary>Mounts end when this has.</summary>
    public Task Ending { get; set; } = Task.CompletedTask;

    public string? Folder { get; set; }

    public bool IsBusy { get; set; }

    public List<TreeRequest> Opened { get; } = [];

    public List<string?> Wanted { get; } = [];

    public int Closed { get; private set; }

    public Dictionary<string, (IContentTree Tree, FuseOptions Options)> Mounted { get; } = [];

    public Dictionary<string, WrittenFolder> Writable { get; } = [];

    /// <summary>Whether mounts outlive the daemon.</summary>
    public bool Keeps { get; set; }

    public List<string> Left { get; } = [];

    public List<string> Cleared { get; } = [];

    /// <summary>Processes that show every mount elsewhere too.</summary>
    public IReadOnlyList<string> Holders { get; set; } = [];

    /// <summary>What lies over every mount.</summary>
    public string? Cover { get; set; }

    /// <summary>A shelf over these, as it is after a start of the daemon.</summary>
    public async Task<VolumeShelf> StartAsync(string root)
    {
        var shelf = new VolumeShelf(root, mountRoot: null, this, this, TimeProvider.System, NullLogger<VolumeShelf>.Instance);
        await shelf.StartAsync(CancellationToken.None);
        return shelf;
    }

    public async ValueTask<IArrivingTree> OpenAsync(TreeRequest request, CancellationToken cancellationToken)
    {
        Opened.Add(request);
        await Found.WaitAsync(cancellationToken);
        return new Arriving(this);
    }

    public IVolumeMount Mount(IContentTree tree, string folder, FuseOptions options)
    {
        Mounted.Add(folder, (tree, options));
        return new FakeMount(this, folder);
    }

    public Task<IVolumeMount> MakeWritableAsync(IVolumeMount lower, WrittenFolder written, string folder)
    {
        Writable[folder] = written;
        return Task.FromResult(lower);
    }

    public void Clear(string folder) => Cleared.Add(folder);

    public IReadOnlyList<string> HoldersOf(string folder) => Holders;

    public string? CoverOf(string folder) => Cover;

    private sealed class Arriving(FakeTrees owner) : IArrivingTree
    {
        public IContentTree Tree => owner.Tree;

        public string? Folder => owner.Folder;

        public TreeArrival Arrival => new(4000, 5, 1000, 2, "the magnet link");

        public Task WantAsync(string? pattern, CancellationToken cancellationToken)
        {
            owner.Wanted.Add(pattern);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            owner.Closed++;
            return ValueTask.CompletedTask;
        }
    }

    private sealed class FakeMount(FakeTrees owner, string folder) : IVolumeMount
    {
        private readonly TaskCompletionSource _ended = new();

        public Task Ended => _ended.Task;

        public bool CanBeLeft => owner.Keeps;

        public int Waiting => 3;

        public int OpenFiles => owner.IsBusy ? 1 : 0;

        public IReadOnlyList<string> Failures => [];

        public void Leave() => owner.Left.Add(folder);

        public async Task<bool> TryUnmountAsync()
        {
            if (!owner.IsBusy)
            {
                await DisposeAsync();
            }

            return !owner.IsBusy;
        }

        public async ValueTask DisposeAsync()
        {
            await owner.Ending;
            owner.Mounted.Remove(folder);
            _ended.TrySetResult();
        }
    }
}
