using System.Net;
using System.Globalization;

namespace Pier.TestKit.Network;

/// <summary>A switch in a namespace of its own, with hosts plugged into it; nothing of it touches the machine's own network.</summary>
public sealed class TestNetwork : IAsyncDisposable
{
    private const string Bridge = "br0";
    private readonly NetworkNamespace _fabric;
    private readonly List<NetworkHost> _hosts = [];

    private TestNetwork(NetworkNamespace fabric) => _fabric = fabric;

    /// <summary>Makes an empty network.</summary>
    public static async Task<TestNetwork> CreateAsync(CancellationToken cancellationToken)
    {
        var network = new TestNetwork(await NetworkNamespace.CreateAsync("switch", cancellationToken));
        await network.IpAsync(["link", "add", Bridge, "type", "bridge"], cancellationToken);
        await network.IpAsync(["link", "set", Bridge, "up"], cancellationToken);
        return network;
    }

    /// <summary>Plugs in a host with an address of its own in 10.77.0.0/24; there is no way out of the network.</summary>
    public async Task<NetworkHost> AddHostAsync(string name, CancellationToken cancellationToken)
    {
        var space = await NetworkNamespace.CreateAsync(name, cancellationToken);
        var number = _hosts.Count + 2;
        var port = string.Create(CultureInfo.InvariantCulture, $"port{number}");
        var host = new NetworkHost(name, IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"10.77.0.{number}")), space, _fabric, port);
        _hosts.Add(host);
        await IpAsync(["link", "add", port, "type", "veth", "peer", "name", NetworkHost.Interface, "netns", space.Name], cancellationToken);
        await IpAsync(["link", "set", port, "master", Bridge, "up"], cancellationToken);
        await host.IpAsync(["addr", "add", $"{host.Address}/24", "dev", NetworkHost.Interface], cancellationToken);
        await host.IpAsync(["link", "set", NetworkHost.Interface, "up"], cancellationToken);
        return host;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.Namespace.DisposeAsync();
        }
        await _fabric.DisposeAsync();
    }

    private Task IpAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        NetworkNamespace.IpAsync(["-n", _fabric.Name, .. arguments], cancellationToken);
}
