using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace Pier.Benchmarks.Harness;

/// <summary>What a reader needs to know of the machine before comparing numbers.</summary>
internal static class MachineFacts
{
    public static IReadOnlyList<string> Read()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        var memory = File.ReadLines("/proc/meminfo").First();
        return
        [
            $"{Environment.ProcessorCount} × {model?[(model.IndexOf(':', StringComparison.Ordinal) + 2)..] ?? "unknown processor"}",
            $"memory {long.Parse(memory.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024 / 1024.0:0.0} GiB",
            $"Linux {Environment.OSVersion.Version}, {RuntimeInformation.FrameworkDescription}, Pier {(IsPrecompiled("pierd.dll") ? "compiled ahead of time" : "not compiled ahead of time")}",
        ];
    }

    private static bool IsPrecompiled(string assembly)
    {
        using var reader = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly)));
        return reader.PEHeaders.CorHeader is { ManagedNativeHeaderDirectory.Size: > 0 };
    }
}
