using System.Globalization;

namespace Pier.Content.Manifests;

/// <summary>Chooses the manifest of an index for a platform, in the order in which containerd's default matcher does.</summary>
public static class IndexSelection
{
    /// <summary>The best entry for a platform, or null when the index has none for it.</summary>
    public static Descriptor? Choose(ImageIndex index, Platform wanted)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(wanted);
        foreach (var acceptable in Runnable(wanted.Normalize()))
        {
            foreach (var entry in index.Manifests)
            {
                if (entry.Platform?.Normalize() is { } offered && Matches(acceptable, offered))
                {
                    return entry;
                }
            }
        }

        return null;
    }

    /// <summary>What a processor of this kind can run, the best first: its own variant, then older ones.</summary>
    internal static IEnumerable<Platform> Runnable(Platform platform)
    {
        yield return platform;
        switch (platform.Architecture)
        {
            case "amd64":
                for (var level = VariantNumber(platform.Variant, 1) - 1; level >= 1; level--)
                {
                    yield return platform with { Variant = level == 1 ? null : $"v{level}" };
                }

                yield return platform with { Architecture = "386", Variant = null };
                break;
            case "arm64":
                if (platform.Variant is not null)
                {
                    yield return platform with { Variant = null };
                }

                foreach (var arm in Runnable(platform with { Architecture = "arm", Variant = "v8" }))
                {
                    yield return arm;
                }

                break;
            case "arm":
                for (var level = VariantNumber(platform.Variant, 7) - 1; level >= 5; level--)
                {
                    yield return platform with { Variant = $"v{level}" };
                }

                break;
        }
    }

    private static bool Matches(Platform acceptable, Platform offered) =>
        offered.OperatingSystem == acceptable.OperatingSystem
        && offered.Architecture == acceptable.Architecture
        && offered.Variant == acceptable.Variant
        && (acceptable.OsVersion is null || offered.OsVersion is null || offered.OsVersion == acceptable.OsVersion);

    private static int VariantNumber(string? variant, int missing) =>
        variant is ['v', .. var digits] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Math.Min(number, 9)
            : missing;
}
