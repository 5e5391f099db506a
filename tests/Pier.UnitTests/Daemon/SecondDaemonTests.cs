using System.Net.Sockets;
using Pier.Daemon.Hosting;
using Pier.Daemon.Options;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Daemon;

/// <summary>A daemon beside another keeps to volumes, when it is told to look for one.</summary>
public sealed class SecondDaemonTests : IAsyncDisposable
{
    private readonly TempFolder _home = TempFolder.Create("second");

    private DaemonOptions Options => new() { State = _home.Below("state"), Socket = _home.Below("s"), VolumeDriver = _home.Below("d"), Join = "other:1" };

    [Fact]
    public void Alone_it_is_a_whole_node()
    {
        SecondDaemon.Settle(Options with { VolumesOnly = VolumesOnly.Auto }).ShouldSatisfyAllConditions(
            alone => alone.VolumesOnly.ShouldBe(VolumesOnly.Off), alone => alone.State.ShouldBe(Options.State), alone => alone.Join.ShouldBe("other:1"));
    }

    [Fact]
    public void Beside_another_it_has_state_socket_and_ports_of_its_own()
    {
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(Options.Socket));
        other.Listen();

        var settled = SecondDaemon.Settle(Options with { VolumesOnly = VolumesOnly.Auto });

        (settled.VolumesOnly, settled.State, settled.VolumeDriver, settled.Join).ShouldBe((VolumesOnly.On, Options.State + "-volumes", Options.VolumeDriver, null));
        settled.Socket.ShouldStartWith(settled.State);
        int[] ports = [settled.Control.Port, settled.Registry.Single().Port, settled.Peers!.Port];
        settled.Peers.Address.ShouldBe(System.Net.IPAddress.Loopback);
        ports.Distinct().Count().ShouldBe(3);
        ports.ShouldNotContain(DaemonOptions.ControlPort);
        SecondDaemon.Settle(Options).State.ShouldBe(Options.State, "it was not told to look");
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();
}
