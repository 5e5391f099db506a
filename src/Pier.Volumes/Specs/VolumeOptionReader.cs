using System.Globalization;
using Pier.Content;
using Pier.Content.Uris;

namespace Pier.Volumes.Specs;

/// <summary>Reads the options of <c>docker volume create -o</c>; whatever is not understood is refused by its name.</summary>
public static class VolumeOptionReader
{
    private const char BetweenSources = '|';
    private const int MaxSubpath = 4096;

    /// <summary>Below it the file system of a quota has no room for itself.</summary>
    private const long LeastQuota = 16 << 20;

    private static readonly string[] Known =
        ["source", "sha256", "subpath", "mode", "prefetch", "writable", "quota", "uid", "gid", "umask", "seed", "limit", "patience", "on-timeout",
        "whole", "tracker", "lookup", "forget"];

    private static readonly string[] ForWhole = ["tracker", "lookup", "forget"];
    private static readonly string[] NotForWhole = ["source", "sha256", "subpath", "mode", "prefetch", "writable", "quota"];
    private static readonly string[] TrackerSchemes = ["http", "https", "udp"];

    /// <summary>What the options ask for.</summary>
    /// <exception cref="VolumeOptionException">One is unknown, malformed, missing, or contradicts another.</exception>
    public static VolumeSpec Read(IReadOnlyDictionary<string, string> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Keys.Order(StringComparer.Ordinal).FirstOrDefault(name => !Known.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            throw new VolumeOptionException($"'{unknown}' is no option of a volume; there are {string.Join(", ", Known)}.");
        }

        var isWhole = Choice(options, "whole", "false", "true") == 1;
        CheckWhole(isWhole, options);
        var spec = new VolumeSpec
        {
            Sources = isWhole ? [] : Sources(options),
            IsWhole = isWhole,
            Trackers = Trackers(options),
            LookUpPatience = TimeSpan.FromSeconds(Math.Max(1, Number(options, "lookup", 30, 3600))),
            ForgetAfter = TimeSpan.FromSeconds(Math.Max(1, Number(options, "forget", 3600, 86_400 * 365))),
            Sha256 = options.TryGetValue("sha256", out var hex) ? Sha256(hex) : null,
            Subpath = Subpath(options.GetValueOrDefault("subpath", "")),
            IsFull = Choice(options, "mode", "lazy", "full") == 1,
            Prefetch = Prefetch(options),
            IsWritable = Choice(options, "writable", "false", "true") == 1,
            Quota = options.TryGetValue("quota", out var quota) ? Bytes(quota, "quota", "bytes, such as 500m or 20g") : null,
            Uid = (uint)Number(options, "uid", 0, uint.MaxValue - 1),
            Gid = (uint)Number(options, "gid", 0, uint.MaxValue - 1),
            Umask = Umask(options.GetValueOrDefault("umask", "0")),
            Seeds = Choice(options, "seed", "true", "false") == 0,
            Limit = options.TryGetValue("limit", out var limit) ? Bytes(limit, "limit", "bytes per second, such as 500k or 20m") : null,
            Patience = TimeSpan.FromSeconds(Number(options, "patience", 120, 86_400)),
            TryAgain = Choice(options, "on-timeout", "eio", "eagain") == 1,
        };
        CheckTogether(spec, options);
        return spec;
    }

    private static void CheckTogether(VolumeSpec spec, IReadOnlyDictionary<string, string> options)
    {
        if (spec.IsFull && options.ContainsKey("prefetch"))
        {
            throw new VolumeOptionException("prefetch and mode=full contradict each other: a full volume has everything before it is mounted.");
        }

        if (spec.Sha256 is not null && !spec.IsFull)
        {
            throw new VolumeOptionException("sha256 needs mode=full: what is read before all of it is here cannot have been held against it.");
        }

        if (spec.Quota is not null && !spec.IsWritable)
        {
            throw new VolumeOptionException("quota needs writable=true: nothing is written to other volumes.");
        }

        if (spec.Quota < LeastQuota)
        {
            throw new VolumeOptionException($"quota: at least {LeastQuota >> 20}m.");
        }

        if (spec.Sha256 is not null && spec.Subpath.Length > 0)
        {
            throw new VolumeOptionException("sha256 and subpath contradict each other: sha256 is that of a single file.");
        }
    }

    private static void CheckWhole(bool isWhole, IReadOnlyDictionary<string, string> options)
    {
        if (isWhole && NotForWhole.FirstOrDefault(options.ContainsKey) is { } other)
        {
            throw new VolumeOptionException($"{other} and whole=true contradict each other: every torrent is shown, as it is.");
        }

        if (!isWhole && ForWhole.FirstOrDefault(options.ContainsKey) is { } alone)
        {
            throw new VolumeOptionException($"{alone} needs whole=true.");
        }
    }

    private static string[] Trackers(IReadOnlyDictionary<string, string> options)
    {
        var trackers = options.GetValueOrDefault("tracker", "").Split(BetweenSources, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return trackers.FirstOrDefault(text => !Uri.TryCreate(text, UriKind.Absolute, out var address) || !TrackerSchemes.Contains(address.Scheme)) is not { } wrong
            ? trackers.Length <= ContentUri.MaxFallbacks ? trackers : throw new VolumeOptionException($"tracker: more than {ContentUri.MaxFallbacks}.")
            : throw new VolumeOptionException($"tracker: '{Shown(wrong)}' is no http, https or udp address.");
    }

    private static IReadOnlyList<ContentUri> Sources(IReadOnlyDictionary<string, string> options)
    {
        if (!options.TryGetValue("source", out var text) || text.Length == 0)
        {
            throw new VolumeOptionException("source is missing: name the content, such as -o source=magnet:?xt=urn:btih:…, several with | between them.");
        }

        try
        {
            return ContentUri.ParseAll(text.Split(BetweenSources, StringSplitOptions.TrimEntries));
        }
        catch (ContentUriException refused)
        {
            throw new VolumeOptionException($"source: {refused.Message}", refused);
        }
    }

    private static Digest Sha256(string hex) => Digest.TryParse($"sha256:{hex}", out var digest)
        ? digest
        : throw new VolumeOptionException($"sha256: '{Shown(hex)}' is not 64 hexadecimal digits in lower case.");

    private static string Subpath(string text)
    {
        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return text.Length <= MaxSubpath && !parts.Any(part => part is "." or ".." || part.Contains('\0', StringComparison.Ordinal))
            ? string.Join('/', parts)
            : throw new VolumeOptionException($"subpath: '{Shown(text)}' is no path within the content.");
    }

    private static string? Prefetch(IReadOnlyDictionary<string, string> options) => options.GetValueOrDefault("prefetch", "none") switch
    {
        "none" => null,
        "all" => "",
        "" => throw new VolumeOptionException("prefetch: none, all, or a glob such as '**/*.idx'."),
        var glob => glob,
    };

    private static int Umask(string text)
    {
        var value = 0;
        foreach (var digit in text)
        {
            value = digit is >= '0' and <= '7' && value <= 0x3f ? (value << 3) | (digit - '0') : throw new VolumeOptionException($"umask: '{Shown(text)}' is not an octal number up to 777.");
        }

        return text.Length > 0 ? value : throw new VolumeOptionException("umask is empty.");
    }

    /// <summary>Bytes, with k, m or g for powers of 1024.</summary>
    private static long Bytes(string text, string name, string what)
    {
        var shift = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        var digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= long.MaxValue >> 30
            ? number << shift
            : throw new VolumeOptionException($"{name}: '{Shown(text)}' is not a number of {what}.");
    }

    private static long Number(IReadOnlyDictionary<string, string> options, string name, long otherwise, long most)
    {
        if (!options.TryGetValue(name, out var text))
        {
            return otherwise;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number
            : throw new VolumeOptionException($"{name}: '{Shown(text)}' is not a number from 0 to {most}.");
    }

    private static int Choice(IReadOnlyDictionary<string, string> options, string name, params ReadOnlySpan<string> choices)
    {
        var text = options.GetValueOrDefault(name, choices[0]);
        var choice = choices.IndexOf(text);
        return choice >= 0 ? choice : throw new VolumeOptionException($"{name}: '{Shown(text)}' is neither {string.Join(" nor ", choices.ToArray())}.");
    }

    private static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
