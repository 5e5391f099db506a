using Pier.InteropTests.Distribution;
using Pier.InteropTests.Programs;
using Pier.TestKit.Files;

namespace Pier.InteropTests.Conformance;

/// <summary>The registries that the suite is run against: a real <c>pierd</c> and a real <c>docker-registry</c>, started once.</summary>
public sealed class Registries : IAsyncLifetime
{
    public const string Pier = "pier";
    public const string Debian = "docker-registry";

    private readonly TempFolder _storage = TempFolder.Create("conformance");
    private PierProgram? _pier;
    private LoopbackRegistry? _debian;

    public async ValueTask InitializeAsync()
    {
        var settings = new Dictionary<string, object>(StringComparer.Ordinal) { ["push"] = true, ["announce"] = "off" };
        _pier = await PierProgram.StartAsync(CancellationToken.None, settings);
        _debian = await LoopbackRegistry.StartAsync(_storage.Path, "", "", CancellationToken.None, deletes: true);
    }

    /// <summary>The registry of that name, with a repository that nobody has used.</summary>
    internal RegistryUnderTest Fresh(string name)
    {
        var path = $"conformance/{Guid.NewGuid():n}";
        return name == Pier
            ? new RegistryUnderTest(new Uri($"http://127.0.0.1:{_pier!.RegistryPort}/"), "local/" + path)
            : new RegistryUnderTest(_debian!.Address, path);
    }

    public async ValueTask DisposeAsync()
    {
        if (_pier is not null)
        {
            await _pier.DisposeAsync();
        }

        if (_debian is not null)
        {
            await _debian.DisposeAsync();
        }

        await _storage.DisposeAsync();
    }
}
