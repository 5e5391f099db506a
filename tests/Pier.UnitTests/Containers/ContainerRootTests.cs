using System.Diagnostics;
using Pier.Engines.Containers;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Containers;

/// <summary>No name in a container leads out of it, into a mount, or to anything but a plain file.</summary>
public sealed class ContainerRootTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("root");
    private string _root = "";

    public ValueTask InitializeAsync()
    {
        _root = _folder.MakeFolder("root");
        File.WriteAllText(_folder.Below("secret"), "secret");
        Directory.CreateDirectory(Path.Combine(_root, "etc"));
        File.WriteAllText(Path.Combine(_root, "etc", "passwd"), "the container's own");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("etc/passwd")]
    [InlineData("/../../../../../../etc/passwd")]
    [InlineData("/absolute")]
    [InlineData("/climbing")]
    [InlineData("/through/passwd")]
    public void Everything_is_looked_for_below_the_root(string path)
    {
        File.CreateSymbolicLink(Path.Combine(_root, "absolute"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(_root, "climbing"), "../../../../../../../../etc/passwd");
        File.CreateSymbolicLink(Path.Combine(_root, "through"), "/etc");
        using var root = ContainerRoot.At(_root);

        using var file = root.OpenFile(path);

        var bytes = new byte[100];
        System.Text.Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0)).ShouldBe("the container's own");
    }

    [Fact]
    public void What_is_outside_cannot_be_named()
    {
        File.CreateSymbolicLink(Path.Combine(_root, "out"), _folder.Below("secret"));
        using var root = ContainerRoot.At(_root);

        Should.Throw<IOException>(() => root.OpenFile("/out"));
        Should.Throw<IOException>(() => root.OpenFile("/../secret"));
        Should.Throw<IOException>(() => root.OpenFile("/missing")).Message.ShouldContain("/missing");
    }

    [Fact]
    public void Pipes_folders_and_links_in_circles_are_not_opened()
    {
        using var mkfifo = Process.Start("mkfifo", [Path.Combine(_root, "pipe")])!;
        mkfifo.WaitForExit();
        File.CreateSymbolicLink(Path.Combine(_root, "circle"), "/circle");
        using var root = ContainerRoot.At(_root);

        // Without O_PATH first, this one would wait for a writer for ever.
        Should.Throw<IOException>(() => root.OpenFile("/pipe")).Message.ShouldBe("/pipe is no plain file");
        Should.Throw<IOException>(() => root.OpenFile("/etc")).Message.ShouldBe("/etc is no plain file");
        Should.Throw<IOException>(() => root.OpenFile("/circle")).Message.ShouldContain("links");
        Should.Throw<IOException>(() => ContainerRoot.At(Path.Combine(_root, "nosuch")));
    }

    [Fact]
    public void Mounts_and_the_systems_own_links_are_not_entered()
    {
        using var root = ContainerRoot.At("/");

        Should.Throw<IOException>(() => root.OpenFile("/proc/self/status")).Message.ShouldContain("another mount");
        Should.Throw<IOException>(() => root.OpenFile("/proc/self/exe"));
    }

    [Fact]
    public async Task The_process_is_known_by_its_control_group()
    {
        var (id, other) = (FakeEngine.Id(1), FakeEngine.Id(2));
        var processes = _folder.MakeFolder("proc");
        async Task Process(int number, string container, string inside)
        {
            var folder = Directory.CreateDirectory(Path.Combine(processes, $"{number}")).FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, "cgroup"), $"4:memory:/docker/{container}\n0::/\n", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "status"), $"Name:\tx\nNSpid:\t{number}\t{inside}\nThreads:\t1\n", TestContext.Current.CancellationToken);
        }

        Directory.CreateDirectory(Path.Combine(processes, "self"));
        await Process(7, other, "1");
        await Process(20, id, "9");
        await Process(21, id, "1");
        RunningContainer Container(string name, int process) => new(name, "x", process, "", new Dictionary<string, string>(StringComparer.Ordinal));

        ContainerProcess.Find(Container(id, 20), processes).ShouldBe(20);
        // The engine's number is another's here.
        ContainerProcess.Find(Container(id, 7), processes).ShouldBe(21);
        ContainerProcess.Find(Container(FakeEngine.Id(3), 7), processes).ShouldBeNull();
        Should.Throw<IOException>(() => ContainerRoot.Of(Container(id, Environment.ProcessId), "/proc")).Message.ShouldContain("none of the processes");
    }
}
