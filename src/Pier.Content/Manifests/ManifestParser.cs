using Pier.Content.Contracts;

namespace Pier.Content.Manifests;

/// <summary>
/// Reads manifests and indexes of OCI and of Docker schema 2 from untrusted bytes, in one pass, with memory in
/// proportion to their length.
/// </summary>
public static class ManifestParser
{
    /// <summary>Most bytes of a manifest (4 MiB): what the distribution registry accepts in a push.</summary>
    public const int MaxSize = 4 * 1024 * 1024;

    /// <summary>Most levels of nesting.</summary>
    public const int MaxDepth = 32;

    private static readonly string[] Names =
        ["schemaVersion", "mediaType", "config", "layers", "manifests", "annotations", "artifactType", "subject", "fsLayers"];

    /// <summary>Parses a manifest.</summary>
    /// <param name="mediaType">
    /// The <c>Content-Type</c> under which it came; null or a type that says nothing (such as
    /// <c>application/json</c>) leaves the decision to the document.
    /// </param>
    /// <param name="content">The bytes; the view keeps them, so the caller must not change them.</param>
    /// <exception cref="ContentFormatException">Too large, too deep, malformed or ambiguous; names the JSON path.</exception>
    public static Manifest Parse(string? mediaType, ReadOnlyMemory<byte> content)
    {
        if (content.Length > MaxSize)
        {
            throw new ContentFormatException($"The manifest has {content.Length} bytes; at most {MaxSize} are read.");
        }

        var announced = mediaType is null ? null : MediaTypes.WithoutParameters(mediaType);
        RefuseSchema1(announced);
        var reader = new DocumentReader(content.Span, MaxDepth);
        try
        {
            reader.Start();
            var fields = Fields.Read(ref reader);
            reader.End();
            return Build(fields, announced, content);
        }
        catch (ContentFormatException fault)
        {
            throw new ContentFormatException($"The manifest cannot be read: {fault.Message}", fault.InnerException);
        }
    }

    private static Manifest Build(Fields fields, string? announced, ReadOnlyMemory<byte> content)
    {
        RefuseSchema1(fields.MediaType);
        if (fields.SchemaVersion != 2 || fields.HasFsLayers)
        {
            throw new ContentFormatException("$.schemaVersion: expected 2; Docker schema 1 is retired, ask the publisher to push the image again.");
        }

        // One document must not be an index to one client and an image to another (CVE-2021-41190).
        if (fields.Manifests is not null && (fields.Layers is not null || fields.Config is not null))
        {
            throw new ContentFormatException("$: it has both 'manifests' and 'layers' or 'config', so that clients could read it in two ways.");
        }

        var known = MediaTypes.IsManifest(announced) ? announced : null;
        if (known is not null && fields.MediaType is not null && fields.MediaType != known)
        {
            throw new ContentFormatException($"$.mediaType: the document says '{fields.MediaType}', it was served as '{known}'.");
        }

        var type = known ?? fields.MediaType ?? (fields.Manifests is not null ? MediaTypes.OciIndex : MediaTypes.OciManifest);
        if (MediaTypes.IsIndex(type))
        {
            return new ImageIndex(type, content, fields.Manifests ?? throw new ContentFormatException("$.manifests: an index must have it."))
            {
                Annotations = fields.Annotations,
                ArtifactType = fields.ArtifactType,
                Subject = fields.Subject,
            };
        }

        if (!MediaTypes.IsImage(type))
        {
            throw new ContentFormatException($"$.mediaType: '{type}' is no manifest that Pier knows.");
        }

        return new ImageManifest(
            type,
            content,
            fields.Config ?? throw new ContentFormatException("$.config: an image manifest must have it."),
            fields.Layers ?? throw new ContentFormatException("$.layers: an image manifest must have it."))
        {
            Annotations = fields.Annotations,
            ArtifactType = fields.ArtifactType,
            Subject = fields.Subject,
        };
    }

    private static void RefuseSchema1(string? mediaType)
    {
        if (mediaType is MediaTypes.DockerSchema1 or MediaTypes.DockerSchema1Signed)
        {
            throw new ContentFormatException($"'{mediaType}' is Docker schema 1, which is retired; ask the publisher to push the image again.");
        }
    }

    /// <summary>The top level of a document, before it is judged.</summary>
    private sealed class Fields
    {
        public long? SchemaVersion { get; private set; }

        public string? MediaType { get; private set; }

        public Descriptor? Config { get; private set; }

        public IReadOnlyList<Descriptor>? Layers { get; private set; }

        public IReadOnlyList<Descriptor>? Manifests { get; private set; }

        public IReadOnlyDictionary<string, string> Annotations { get; private set; } = Descriptor.EmptyAnnotations;

        public string? ArtifactType { get; private set; }

        public Descriptor? Subject { get; private set; }

        public bool HasFsLayers { get; private set; }

        public static Fields Read(ref DocumentReader reader)
        {
            var fields = new Fields();
            uint seen = 0;
            reader.EnterObject();
            while (reader.NextProperty(Names, ref seen) is { } name)
            {
                fields.ReadOne(ref reader, name);
            }

            return fields;
        }

        private void ReadOne(ref DocumentReader reader, string name)
        {
            // Go's encoders write absent lists as null.
            if (reader.IsNull)
            {
                Layers = name == "layers" ? [] : Layers;
                Manifests = name == "manifests" ? [] : Manifests;
                return;
            }

            switch (name)
            {
                case "schemaVersion": SchemaVersion = reader.Integer(); break;
                case "mediaType": MediaType = reader.String(); break;
                case "config": Config = DescriptorReader.Read(ref reader); break;
                case "layers": Layers = DescriptorReader.ReadAll(ref reader); break;
                case "manifests": Manifests = DescriptorReader.ReadAll(ref reader); break;
                case "annotations": Annotations = DescriptorReader.ReadAnnotations(ref reader); break;
                case "artifactType": ArtifactType = reader.String(); break;
                case "subject": Subject = DescriptorReader.Read(ref reader); break;
                case "fsLayers": HasFsLayers = true; reader.Skip(); break;
                default: reader.Skip(); break;
            }
        }
    }
}
