using Pier.Content;
using Pier.Content.References;

namespace Pier.Store.Uploads;

/// <summary>One upload: what it is for and how far it has come. Bytes go in through a turn, of which there is one at a time.</summary>
public sealed class Upload
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _writer;
    private long _offset;
    private long _lastWritten;

    internal Upload(string id, RepositoryName repository, DigestAlgorithm algorithm, string path, DateTimeOffset lastWritten)
    {
        Id = id;
        Repository = repository;
        Algorithm = algorithm;
        Path = path;
        _lastWritten = lastWritten.UtcTicks;
    }

    /// <summary>A UUID that nobody can guess.</summary>
    public string Id { get; }

    /// <summary>Where the blob is to go.</summary>
    public RepositoryName Repository { get; }

    /// <summary>Bytes that have arrived.</summary>
    public long Offset
    {
        get => Interlocked.Read(ref _offset);
        internal set => Interlocked.Exchange(ref _offset, value);
    }

    internal DigestAlgorithm Algorithm { get; }

    private SemaphoreSlim Turn { get; } = new(1, 1);

    internal string Path { get; }

    /// <summary>The hash of what has arrived in this process; null when there is none that covers the beginning.</summary>
    internal UploadHash? Hash { get; set; }

    internal DateTimeOffset LastWritten
    {
        get => new(Interlocked.Read(ref _lastWritten), TimeSpan.Zero);
        set => Interlocked.Exchange(ref _lastWritten, value.UtcTicks);
    }

    internal bool IsBeingWritten
    {
        get { lock (_gate) { return _writer is not null; } }
    }

    /// <summary>Turns the present writer out and waits until it has gone.</summary>
    internal async ValueTask<UploadTurn> EnterAsync(CancellationToken cancellationToken)
    {
        Task? leaving;
        lock (_gate)
        {
            leaving = _writer?.CancelAsync();
        }

        if (leaving is not null)
        {
            await leaving;
        }

        await Turn.WaitAsync(cancellationToken);
        var stop = new CancellationTokenSource();
        lock (_gate)
        {
            _writer = stop;
        }

        return new UploadTurn(this, stop.Token);
    }

    internal void Leave()
    {
        lock (_gate)
        {
            _writer?.Dispose();
            _writer = null;
        }

        Turn.Release();
    }
}
