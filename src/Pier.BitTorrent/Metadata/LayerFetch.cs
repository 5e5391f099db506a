using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Metadata;

/// <summary>
/// Gathers the piece layers that a v2 torrent's info dictionary does not carry (BEP 52, hash requests). Each file's layer comes
/// from one peer, so that a layer which does not hash to its root names who lied. Owned by the swarm's loop.
/// </summary>
internal sealed class LayerFetch
{
    // What libtorrent asks for at a time, and what everybody therefore serves.
    private const int NodesPerRequest = 512;
    private static readonly TimeSpan PeerTimeout = TimeSpan.FromSeconds(15);

    // Each answer has 16 KiB: slower peers are no help.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(0.2);

    private readonly Metainfo _bare;
    private readonly TimeProvider _time;
    private readonly Dictionary<MerkleRoot, ReadOnlyMemory<byte>> _layers = [];
    private readonly Queue<int> _missing = new();
    private readonly Dictionary<object, FileLayer> _tasks = [];
    private readonly HashSet<object> _unable = [];

    public LayerFetch(Metainfo metainfo, TimeProvider time)
    {
        _bare = metainfo;
        _time = time;
        var asked = new HashSet<MerkleRoot>();
        for (var file = 0; file < metainfo.Files.Count; file++)
        {
            // Copies of a file share a layer.
            if (metainfo.Files[file] is { PiecesRoot: { } root } entry
                && entry.Length > metainfo.PieceLength
                && metainfo.PieceLayer(file).IsEmpty
                && asked.Add(root))
            {
                _missing.Enqueue(file);
            }
        }
    }

    /// <summary>Whether every layer is known.</summary>
    public bool IsComplete => _missing.Count == 0 && _tasks.Count == 0;

    /// <summary>The torrent with the layers that came.</summary>
    public Metainfo Complete() => _bare.WithProvedLayers(_layers);

    /// <summary>What to ask a peer for now; nothing while it is busy with a file, or when it has refused.</summary>
    public IReadOnlyList<HashRequest> NextRequests(object peer)
    {
        if (_unable.Contains(peer) || _tasks.ContainsKey(peer) || !_missing.TryDequeue(out var file))
        {
            return [];
        }

        var task = new FileLayer(_bare, file, _time.GetTimestamp());
        _tasks[peer] = task;
        return task.Requests;
    }

    /// <summary>A peer sent nodes.</summary>
    /// <returns>False when its layer does not hash to the root: it lied.</returns>
    /// <exception cref="WireException">The message is malformed.</exception>
    public bool Receive(object peer, ReadOnlySpan<byte> payload)
    {
        var request = HashRequest.ParseAnswer(payload, out var nodes);
        if (!_tasks.TryGetValue(peer, out var task) || !task.Take(request, nodes))
        {
            return true;
        }

        _tasks.Remove(peer);
        try
        {
            var file = _bare.Files[task.File];
            PieceLayers.Check(file, task.Layer.Span, _bare.PieceLength, "a peer's hashes");
            _layers[file.PiecesRoot!.Value] = task.Layer;
            return true;
        }
        catch (MetainfoException)
        {
            // The caller bans the peer and says so; another is asked.
            _missing.Enqueue(task.File);
            return false;
        }
    }

    /// <summary>A peer has gone, or will not send what it was asked for.</summary>
    public void Left(object peer)
    {
        _unable.Add(peer);
        if (_tasks.Remove(peer, out var task))
        {
            _missing.Enqueue(task.File);
        }
    }

    /// <summary>Once a second: peers that took too long are given up.</summary>
    public void Tick()
    {
        foreach (var (peer, _) in _tasks.Where(entry => _time.GetElapsedTime(entry.Value.StartedAt) > PeerTimeout + entry.Value.Requests.Count * AnswerTimeout).ToArray())
        {
            Left(peer);
        }
    }

    /// <summary>One file's layer, being gathered from one peer.</summary>
    private sealed class FileLayer
    {
        private readonly HashSet<HashRequest> _open;
        private readonly byte[] _layer;

        public FileLayer(Metainfo metainfo, int file, long now)
        {
            File = file;
            StartedAt = now;
            var entry = metainfo.Files[file];
            var pieces = (int)((entry.Length + metainfo.PieceLength - 1) / metainfo.PieceLength);
            _layer = new byte[pieces * MerkleTree.HashSize];
            var height = MerkleTree.HeightOver(pieces);
            var length = Math.Min(NodesPerRequest, 1 << height);
            var layer = MerkleTree.PieceLayerHeight(metainfo.PieceLength);
            var requests = new List<HashRequest>();
            for (var index = 0; index < pieces; index += length)
            {
                requests.Add(new HashRequest(entry.PiecesRoot!.Value, layer, index, length, Math.Max(0, height - 1)));
            }

            Requests = requests;
            _open = [.. requests];
        }

        public int File { get; }

        public long StartedAt { get; }

        public List<HashRequest> Requests { get; }

        public ReadOnlyMemory<byte> Layer => _layer;

        /// <summary>Keeps the nodes of one answer; true when it was the last.</summary>
        public bool Take(HashRequest request, ReadOnlySpan<byte> nodes)
        {
            if (nodes.Length < request.Length * MerkleTree.HashSize || !_open.Remove(request))
            {
                return false;
            }

            var offset = request.Index * MerkleTree.HashSize;
            nodes[..Math.Min(request.Length * MerkleTree.HashSize, _layer.Length - offset)].CopyTo(_layer.AsSpan(offset));
            return _open.Count == 0;
        }
    }
}
