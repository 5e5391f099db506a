using System.Security.Cryptography;
using System.Text;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>
/// The image pier/frontend as its own recipe makes it. Compiling ahead of time takes a minute, so the files are kept in the user's
/// cache folder for as long as the sources stay the same.
/// </summary>
public sealed class FrontendImage
{
    /// <summary>What syntax lines call it.</summary>
    public const string Name = "pier/frontend";

    private const string Recipe = "plugins/buildkit-frontend/build.sh";
    private const string Kept = "frontend-";

    private static readonly string[] Sources = ["src/Pier.Buildkit", "src/Pier.Api", "src/Pier.Content", "proto", "plugins/buildkit-frontend"];

    private readonly string _files;

    private FrontendImage(string files) => _files = files;

    /// <summary>The program itself.</summary>
    public string Program => Path.Combine(_files, "pier-frontend");

    /// <summary>Makes the files, unless they are there from before.</summary>
    public static async Task<FrontendImage> MakeAsync(CancellationToken cancellationToken)
    {
        var root = RootAbove(AppContext.BaseDirectory);
        var parent = Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? "/var/cache", "pier-tests");
        Directory.CreateDirectory(parent);
        var files = Path.Combine(parent, Kept + await DigestAsync(root, cancellationToken));
        if (!Directory.Exists(files))
        {
            await using var work = TempFolder.Create("frontend", parent);
            (await Command.RunAsync("bash", [Path.Combine(root, Recipe), "--into", work.Below("made")], cancellationToken)).OrThrow();
            foreach (var old in Directory.EnumerateDirectories(parent, Kept + "*").Where(old => Path.GetFileName(old).Length == Path.GetFileName(files).Length))
            {
                Directory.Delete(old, recursive: true);
            }

            Directory.Move(work.Below("made"), files);
        }

        return new FrontendImage(files);
    }

    /// <summary>Loads the image into an engine.</summary>
    public async Task LoadAsync(DockerEngine engine, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(engine);
        (await engine.BuildAsync(["--quiet", "--tag", Name, _files], cancellationToken)).OrThrow();
    }

    private static async Task<string> DigestAsync(string root, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = Sources
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(root, "Directory.*"))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(root, file)));
            hash.AppendData(await File.ReadAllBytesAsync(file, cancellationToken));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static string RootAbove(string folder)
    {
        for (var here = new DirectoryInfo(folder); here is not null; here = here.Parent)
        {
            if (File.Exists(Path.Combine(here.FullName, Recipe)))
            {
                return here.FullName;
            }
        }

        throw new FileNotFoundException($"No {Recipe} above {folder}: run the tests from the source tree.");
    }
}
