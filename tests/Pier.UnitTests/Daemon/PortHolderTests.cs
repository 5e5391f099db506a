using System.Net;
using System.Net.Sockets;
using Pier.Daemon.Hosting;
using Pier.Daemon.Listeners;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Daemon;

/// <summary>A taken port is told with the process that holds it and the flag that moves it.</summary>
public sealed class PortHolderTests
{
    private static readonly string Self = $"(pid {Environment.ProcessId})";

    [Fact]
    public void The_holder_of_a_listening_port_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        PortHolder.Find((IPEndPoint)listener.LocalEndpoint, udp: false).ShouldNotBeNull().ShouldEndWith(Self);
    }

    [Fact]
    public void A_listener_on_every_address_holds_the_port_on_loopback_too()
    {
        using var listener = new TcpListener(IPAddress.IPv6Any, 0);
        listener.Server.DualMode = true;
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        PortHolder.Find(new IPEndPoint(IPAddress.Loopback, port), udp: false).ShouldNotBeNull().ShouldEndWith(Self);
    }

    [Fact]
    public void The_holder_of_a_udp_port_is_named()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));

        PortHolder.Find((IPEndPoint)socket.Client.LocalEndPoint!, udp: true).ShouldNotBeNull().ShouldEndWith(Self);
    }

    [Fact]
    public async Task Tables_that_do_not_tell_give_no_name()
    {
        await using var proc = TempFolder.Create("proc");
        proc.MakeFolder("net");
        await File.WriteAllTextAsync(
            proc.Below("net", "tcp"),
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            + "   0: 0100007F:13BF 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1\n   1: broken\n",
            TestContext.Current.CancellationToken);

        PortHolder.Find(new IPEndPoint(IPAddress.Loopback, 5055), udp: false, proc.Path).ShouldBeNull();
    }

    [Fact]
    public void The_refusal_names_port_process_and_flag()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = (IPEndPoint)listener.LocalEndpoint;

        var refusal = Should.Throw<DaemonStartException>(() => PortCheck.Try([new PortDoor("registry", "--registry", address)]));

        refusal.ExitCode.ShouldBe(ExitCode.PortTaken);
        refusal.Message.ShouldContain(address.ToString());
        refusal.Message.ShouldContain(Self);
        refusal.Hint.ShouldContain("--registry");
    }

    [Fact]
    public void An_address_of_another_host_is_told_as_such()
    {
        var door = new PortDoor("control", "--control", new IPEndPoint(IPAddress.Parse("192.0.2.1"), 5057));

        Should.Throw<DaemonStartException>(() => PortCheck.Try([door])).Message.ShouldContain("does not belong to this host");
        PortCheck.Exists(door).ShouldBeFalse();
    }
}
