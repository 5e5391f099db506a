using System.Security.Cryptography;
using System.Text;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>
/// Programs that a recipe of the source tree compiles ahead of time. That takes a minute, so the files are kept in the user's cache
/// folder for as long as the sources stay the same.
/// </summary>
/// <param name="name">What they are called in the cache.</param>
/// <param name="recipe">The script, below the root of the source tree.</param>
/// <param name="arguments">What stands before the folder that it writes to.</param>
/// <param name="sources">Folders that it compiles.</param>
internal sealed class CompiledFiles(string name, string recipe, IReadOnlyList<string> arguments, IReadOnlyList<string> sources)
{
    private static readonly SemaphoreSlim Turn = new(1, 1);

    /// <summary>Makes the files, unless they are there from before; returns their folder.</summary>
    /// <param name="environment">Variables for the script.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string> MakeAsync(IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken);
        try
        {
            var root = SourceTree.Root;
            var parent = Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? "/var/cache", "pier-tests");
            Directory.CreateDirectory(parent);
            var files = Path.Combine(parent, $"{name}-{await DigestAsync(root, cancellationToken)}");
            if (!Directory.Exists(files))
            {
                await using var work = TempFolder.Create(name, parent);
                (await Command.RunAsync("bash", [Path.Combine(root, recipe), .. arguments, work.Below("made")], environment, cancellationToken)).OrThrow();
                foreach (var old in Directory.EnumerateDirectories(parent, name + "-*").Where(old => Path.GetFileName(old).Length == Path.GetFileName(files).Length))
                {
                    Directory.Delete(old, recursive: true);
                }

                Directory.Move(work.Below("made"), files);
            }

            return files;
        }
        finally
        {
            Turn.Release();
        }
    }

    private async Task<string> DigestAsync(string root, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = sources
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
}
