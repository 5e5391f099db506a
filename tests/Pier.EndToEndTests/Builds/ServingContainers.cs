using System.Net;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Builds;

/// <summary>The containers of a test that serve data by pierdat, gone at its end, and libtorrent on another machine that gets it from them.</summary>
internal sealed class ServingContainers(BuildSetting setting) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly List<string> _containers = [];

    /// <summary>Starts a container with a port of its own.</summary>
    public async Task<(string Container, int Port)> RunAsync(string image, CancellationToken cancellationToken)
    {
        var port = FreePort.Next(alsoUdp: true);
        return (await RunAsync(["--env", $"PIERDAT_PORT={port}", "--env", "PIERDAT_DHT=off", image], cancellationToken), port);
    }

    /// <summary>Starts a container on the host's own network.</summary>
    public async Task<string> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        Add((await setting.Docker.DockerAsync(["run", "--detach", "--network", "host", .. arguments], cancellationToken)).OrThrow().Output.Trim());

    /// <summary>Removes a container in the end; returns its name.</summary>
    public string Add(string container)
    {
        _containers.Add(container);
        return container;
    }

    /// <summary>The only torrent that a container serves, as a file of ours.</summary>
    public async Task<string> TorrentAsync(string container, CancellationToken cancellationToken)
    {
        var folder = setting.Folder.Below(Path.GetRandomFileName());
        (await setting.Docker.DockerAsync(["cp", $"{container}:/etc/pier.dat.d", folder], cancellationToken)).OrThrow();
        return Directory.EnumerateFiles(folder, "*.torrent").ShouldHaveSingleItem();
    }

    /// <summary>Has libtorrent fetch a torrent of one file, knowing nobody but the container.</summary>
    public async Task<byte[]> GetAsync(string torrent, int port, string name, CancellationToken cancellationToken) =>
        await File.ReadAllBytesAsync(Directory.EnumerateFiles(await FolderAsync(torrent, port, name, cancellationToken)).ShouldHaveSingleItem(), cancellationToken);

    /// <summary>Has libtorrent fetch a torrent; returns the folder that it is in.</summary>
    public Task<string> FolderAsync(string torrent, int port, string name, CancellationToken cancellationToken) =>
        SwarmFetch.RunAsync(setting, torrent, new IPEndPoint(setting.Cluster.Nodes[0].Host.Address, port), "got-" + name, Deadline, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var container in _containers)
        {
            await setting.Docker.DockerAsync(["rm", "--force", container], CancellationToken.None);
        }
    }
}
