using System.Globalization;
using Pier.TestKit.Processes;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>What files take of the disk.</summary>
internal static class Sizes
{
    /// <summary>Bytes of the blocks that a file has.</summary>
    public static async Task<long> OnDiskAsync(string path, CancellationToken cancellationToken)
    {
        var answer = (await Command.RunAsync("/usr/bin/stat", ["-c", "%b %B", path], cancellationToken)).OrThrow().Output.Split();
        return long.Parse(answer[0], CultureInfo.InvariantCulture) * long.Parse(answer[1], CultureInfo.InvariantCulture);
    }
}
