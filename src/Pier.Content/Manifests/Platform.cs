using System.Runtime.InteropServices;

namespace Pier.Content.Manifests;

/// <summary>An operating system and a processor that an image is made for (OCI image-spec, image-index.md, "platform").</summary>
/// <param name="OperatingSystem">GOOS value, such as <c>linux</c>.</param>
/// <param name="Architecture">GOARCH value, such as <c>amd64</c>.</param>
/// <param name="Variant">Processor variant such as <c>v7</c>, or null.</param>
public sealed record Platform(string OperatingSystem, string Architecture, string? Variant = null)
{
    /// <summary>Version of the operating system where the image needs one, or null.</summary>
    public string? OsVersion { get; init; }

    /// <summary>Features of the operating system that the image needs.</summary>
    public IReadOnlyList<string> OsFeatures { get; init; } = [];

    /// <summary>The platform of this process: always Linux containers.</summary>
    public static Platform Current { get; } = new Platform("linux", RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        System.Runtime.InteropServices.Architecture.X86 => "386",
        System.Runtime.InteropServices.Architecture.Arm or System.Runtime.InteropServices.Architecture.Armv6 => "arm",
        var other => other.ToString().ToLowerInvariant(),
    }).Normalize();

    /// <summary>Parses <c>os/architecture[/variant]</c> and normalises it.</summary>
    /// <exception cref="FormatException">Not two or three non-empty parts of letters, digits, '.', '_' and '-'.</exception>
    public static Platform Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('/');
        if (parts.Length is not (2 or 3) || !Array.TrueForAll(parts, IsPart))
        {
            throw new FormatException($"'{text}' is not a platform; write os/architecture or os/architecture/variant, such as linux/arm64 or linux/arm/v7.");
        }

        return new Platform(parts[0], parts[1], parts.Length == 3 ? parts[2] : null).Normalize();
    }

    /// <summary>The same platform under its one name: <c>x86_64</c> is <c>amd64</c>, <c>arm64/v8</c> is <c>arm64</c>, <c>arm</c> is <c>arm/v7</c>.</summary>
    public Platform Normalize()
    {
        var system = OperatingSystem.ToLowerInvariant() is var os && os == "macos" ? "darwin" : os;
        var variant = Variant?.ToLowerInvariant();
        var (architecture, normalVariant) = Architecture.ToLowerInvariant() switch
        {
            "i386" or "386" => ("386", null),
            "x86_64" or "x86-64" or "amd64" => ("amd64", variant == "v1" ? null : variant),
            "aarch64" or "arm64" => ("arm64", variant is "8" or "v8" or "v8.0" ? null : variant),
            "armhf" => ("arm", "v7"),
            "armel" => ("arm", "v6"),
            "arm" => ("arm", variant switch { null or "" or "7" => "v7", "5" or "6" or "8" => $"v{variant}", var known => known }),
            var other => (other, variant),
        };
        return this with { OperatingSystem = system, Architecture = architecture, Variant = normalVariant is "" ? null : normalVariant };
    }

    /// <inheritdoc/>
    public override string ToString() => Variant is null ? $"{OperatingSystem}/{Architecture}" : $"{OperatingSystem}/{Architecture}/{Variant}";

    private static bool IsPart(string part) =>
        part.Length is > 0 and <= 64 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
