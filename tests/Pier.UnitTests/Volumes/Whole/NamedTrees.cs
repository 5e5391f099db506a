using Pier.Content.Contracts;
using Pier.TestKit.Trees;

namespace Pier.UnitTests.Volumes.Whole;

/// <summary>Every torrent that is asked for, found when the test says.</summary>
internal sealed class NamedTrees : ITreeFetcher
{
    private readonly Lock _gate = new();
    private readonly List<string> _asked = [];
    private readonly List<string> _closed = [];
    private int _now;

    /// <summary>What a look-up of a link waits for.</summary>
    public Func<string, Task> Found { get; set; } = _ => Task.CompletedTask;

    /// <summary>Whether others use the files of every torrent too.</summary>
    public bool AreShared { get; set; }

    public int MostAtOnce { get; private set; }

    public List<string?> Wanted { get; } = [];

    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_gate)
            {
                return [.. _asked];
            }
        }
    }

    public IReadOnlyList<string> Closed
    {
        get
        {
            lock (_gate)
            {
                return [.. _closed];
            }
        }
    }

    public static string FolderOf(string name) => $"content/{name}";

    public async ValueTask<IArrivingTree> OpenAsync(TreeRequest request, CancellationToken cancellationToken)
    {
        var link = request.Uris.Single().Text;
        lock (_gate)
        {
            _asked.Add(link);
            MostAtOnce = Math.Max(MostAtOnce, ++_now);
        }

        try
        {
            await Found(link).WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _now--;
            }
        }

        return new NamedTree(this, link.Split('&')[0].Split(':')[^1]);
    }

    private sealed class NamedTree(NamedTrees owner, string name) : IArrivingTree
    {
        private volatile bool _isClosed;

        public IContentTree Tree { get; } = new MemoryTree([new("a.bin", [1, 2, 3])]);

        public string? Folder => _isClosed && owner.AreShared ? null : FolderOf(name);

        public TreeArrival Arrival => new(4000, 2, 1000, 1, name);

        public Task WantAsync(string? pattern, CancellationToken cancellationToken)
        {
            owner.Wanted.Add(pattern);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            lock (owner._gate)
            {
                owner._closed.Add(name);
                _isClosed = true;
            }

            return ValueTask.CompletedTask;
        }
    }
}
