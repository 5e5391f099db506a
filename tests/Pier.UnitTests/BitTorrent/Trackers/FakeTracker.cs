using System.Threading.Channels;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.UnitTests.BitTorrent.Trackers;

/// <summary>A tracker that answers as the test says and remembers what it was told.</summary>
internal sealed class FakeTracker(string name) : ITracker
{
    private readonly Channel<AnnounceRequest> _requests = Channel.CreateBounded<AnnounceRequest>(100);

    public string Name { get; } = name;

    public Func<AnnounceRequest, AnnounceAnswer> Answer { get; set; } = _ => new AnnounceAnswer { Interval = TimeSpan.FromMinutes(30) };

    public List<AnnounceRequest> Announces { get; } = [];

    public ValueTask<AnnounceRequest> NextAsync() => _requests.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public Task<AnnounceAnswer> AnnounceAsync(AnnounceRequest request, CancellationToken cancellationToken)
    {
        Announces.Add(request);
        _requests.Writer.TryWrite(request).ShouldBeTrue();
        try
        {
            return Task.FromResult(Answer(request));
        }
        catch (TrackerException failure)
        {
            return Task.FromException<AnnounceAnswer>(failure);
        }
    }

    public Task<IReadOnlyDictionary<InfoHash, SwarmCounts>> ScrapeAsync(IReadOnlyList<InfoHash> infoHashes, CancellationToken cancellationToken) =>
        throw new TrackerException(Name, "no scrape here");
}
