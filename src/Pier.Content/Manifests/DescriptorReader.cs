using Pier.Content.Contracts;

namespace Pier.Content.Manifests;

/// <summary>Reads the values that every kind of manifest shares: descriptors, platforms, annotations.</summary>
internal static class DescriptorReader
{
    private static readonly string[] DescriptorNames =
        ["mediaType", "digest", "size", "urls", "annotations", "platform", "data", "artifactType"];

    private static readonly string[] PlatformNames = ["os", "architecture", "variant", "os.version", "os.features"];

    /// <summary>Reads a descriptor; type, digest and size are required.</summary>
    /// <exception cref="ContentFormatException">Says what is wrong, and where.</exception>
    public static Descriptor Read(ref DocumentReader reader)
    {
        string? mediaType = null;
        string? artifactType = null;
        Digest? digest = null;
        long? size = null;
        byte[]? data = null;
        Platform? platform = null;
        IReadOnlyList<string> urls = [];
        var annotations = Descriptor.EmptyAnnotations;
        uint seen = 0;
        reader.EnterObject();
        while (reader.NextProperty(DescriptorNames, ref seen) is { } name)
        {
            switch (reader.IsNull ? "" : name)
            {
                case "mediaType": mediaType = reader.String(); break;
                case "digest": digest = ReadDigest(ref reader); break;
                case "size": size = ReadSize(ref reader); break;
                case "urls": urls = ReadStrings(ref reader); break;
                case "annotations": annotations = ReadAnnotations(ref reader); break;
                case "platform": platform = ReadPlatform(ref reader); break;
                case "data": data = reader.Base64(); break;
                case "artifactType": artifactType = reader.String(); break;
                default: reader.Skip(); break;
            }
        }

        if (string.IsNullOrEmpty(mediaType))
        {
            throw reader.Fault("the descriptor has no mediaType.");
        }

        var descriptor = new Descriptor(
            mediaType,
            digest ?? throw reader.Fault("the descriptor has no digest."),
            size ?? throw reader.Fault("the descriptor has no size."))
        {
            Urls = urls,
            Annotations = annotations,
            Platform = platform,
            ArtifactType = artifactType,
            Data = data is null ? default(ReadOnlyMemory<byte>?) : data,
        };
        if (data is not null)
        {
            CheckEmbedded(ref reader, descriptor, data);
        }

        return descriptor;
    }

    /// <summary>Reads an array of descriptors.</summary>
    public static IReadOnlyList<Descriptor> ReadAll(ref DocumentReader reader)
    {
        var all = new List<Descriptor>();
        reader.EnterArray();
        while (reader.NextItem(all.Count))
        {
            all.Add(Read(ref reader));
        }

        return all;
    }

    /// <summary>Reads an object of strings with free keys; a key must not repeat.</summary>
    public static IReadOnlyDictionary<string, string> ReadAnnotations(ref DocumentReader reader)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        reader.EnterObject();
        while (reader.NextKey() is { } key)
        {
            if (!annotations.TryAdd(key, reader.String()))
            {
                throw reader.Fault("the key appears twice.");
            }
        }

        return annotations;
    }

    private static Digest ReadDigest(ref DocumentReader reader)
    {
        var text = reader.String();
        return Digest.TryParse(text, out var digest)
            ? digest
            : throw reader.Fault("expected sha256: and 64, or sha512: and 128, lower-case hex digits.");
    }

    private static long ReadSize(ref DocumentReader reader)
    {
        var size = reader.Integer();
        return size >= 0 ? size : throw reader.Fault("a size cannot be negative.");
    }

    private static List<string> ReadStrings(ref DocumentReader reader)
    {
        var all = new List<string>();
        reader.EnterArray();
        while (reader.NextItem(all.Count))
        {
            all.Add(reader.String());
        }

        return all;
    }

    private static Platform ReadPlatform(ref DocumentReader reader)
    {
        string? os = null;
        string? architecture = null;
        string? variant = null;
        string? version = null;
        IReadOnlyList<string> features = [];
        uint seen = 0;
        reader.EnterObject();
        while (reader.NextProperty(PlatformNames, ref seen) is { } name)
        {
            switch (reader.IsNull ? "" : name)
            {
                case "os": os = reader.String(); break;
                case "architecture": architecture = reader.String(); break;
                case "variant": variant = reader.String(); break;
                case "os.version": version = reader.String(); break;
                case "os.features": features = ReadStrings(ref reader); break;
                default: reader.Skip(); break;
            }
        }

        return new Platform(
            os ?? throw reader.Fault("the platform has no os."),
            architecture ?? throw reader.Fault("the platform has no architecture."),
            string.IsNullOrEmpty(variant) ? null : variant)
        {
            OsVersion = string.IsNullOrEmpty(version) ? null : version,
            OsFeatures = features,
        };
    }

    private static void CheckEmbedded(ref DocumentReader reader, Descriptor descriptor, byte[] data)
    {
        if (data.Length != descriptor.Size)
        {
            throw reader.Fault($"data holds {data.Length} bytes, size says {descriptor.Size}.");
        }

        if (Digest.Compute(data, descriptor.Digest.Algorithm) != descriptor.Digest)
        {
            throw reader.Fault($"data is not what {descriptor.Digest} names.");
        }
    }
}
