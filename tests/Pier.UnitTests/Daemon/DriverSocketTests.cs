using System.Net.Sockets;
using Pier.Daemon.Listeners;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Daemon;

/// <summary>The volume driver's socket: a daemon that cannot have it says why and what to do, and does without.</summary>
public sealed class DriverSocketTests : IAsyncDisposable
{
    private readonly TempFolder _home = TempFolder.Create("driver");

    [Fact]
    public void Room_is_made_where_nobody_answers()
    {
        var path = _home.Below("plugins", "pier.sock");
        DriverSocket.Prepare(null).ShouldBeNull();
        DriverSocket.Prepare(path).ShouldBeNull();
        File.WriteAllText(path, "left by a killed daemon");
        DriverSocket.Prepare(path).ShouldBeNull();
        Directory.GetFileSystemEntries(_home.Below("plugins")).ShouldBeEmpty("the web server makes it");
    }

    [Fact]
    public void Another_daemon_is_left_alone()
    {
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(_home.Below("s")));
        other.Listen();

        DriverSocket.Prepare(_home.Below("s")).ShouldNotBeNull().ShouldContain("another daemon answers");
        File.Exists(_home.Below("s")).ShouldBeTrue();
    }

    [Theory]
    // A folder that is there and lets nobody make files, whoever runs this; one that cannot be made; one that is too far away.
    [InlineData("/sys/kernel/pier.sock")]
    [InlineData("/proc/none/plugins/pier.sock")]
    [InlineData(null)]
    public void A_place_that_cannot_be_had_is_told_with_what_to_do(string? path)
    {
        path ??= _home.Below(new string('d', 100), "pier.sock");

        var problem = DriverSocket.Prepare(path).ShouldNotBeNull();

        problem.ShouldStartWith($"{path} cannot be made: ");
        problem.ShouldContain($"Let pierd write to {Path.GetDirectoryName(path)}, ");
        problem.ShouldContain("--volume-driver PATH");
        problem.ShouldContain("--volume-driver off");
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();
}
