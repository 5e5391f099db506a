using Pier.TestKit.Files;

namespace Pier.InteropTests.Engine;

/// <summary>Files of awkward sizes to make torrents of, and the check that they arrived.</summary>
internal static class SampleTree
{
    private static readonly (string Path, int Length)[] Files =
    [
        ("large.bin", 3_000_001),
        ("sub/exact.bin", 1 << 20),
        ("sub/deeper/small.txt", 17),
        ("tail.bin", 70_000),
    ];

    /// <summary>Writes the files below a folder named <c>tree</c> and returns it.</summary>
    public static string Write(TempFolder folder)
    {
        var root = folder.MakeFolder("tree");
        foreach (var (path, length) in Files)
        {
            var full = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllBytes(full, Bytes(length));
        }

        return root;
    }

    /// <summary>Asserts that every file is there with its bytes.</summary>
    public static void ShouldBeAt(string root)
    {
        foreach (var (path, length) in Files)
        {
            var full = Path.Combine(root, path);
            File.Exists(full).ShouldBeTrue(full);
            File.ReadAllBytes(full).AsSpan().SequenceEqual(Bytes(length)).ShouldBeTrue(full);
        }
    }

    /// <summary>Asserts that these files are there with their bytes.</summary>
    public static void ShouldHold(string root, params string[] paths)
    {
        foreach (var path in paths)
        {
            File.ReadAllBytes(Path.Combine(root, path)).AsSpan()
                .SequenceEqual(Bytes(Files.Single(file => file.Path == path).Length)).ShouldBeTrue(path);
        }
    }

    /// <summary>Asserts that these files are there with their bytes, and no others; hidden ones apart.</summary>
    public static void ShouldHoldOnly(string root, params string[] paths)
    {
        ShouldHold(root, paths);
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path))
            .Where(path => !path.StartsWith('.'))
            .Order(StringComparer.Ordinal)
            .ShouldBe(paths);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
