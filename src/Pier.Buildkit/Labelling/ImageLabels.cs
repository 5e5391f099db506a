using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Pier.Buildkit.Llb;
using Pier.Buildkit.Serving;
using Pier.Buildkit.Supply;
using Pier.Buildkit.Wire;
using Pier.Content;
using Pier.Content.Labels;

namespace Pier.Buildkit.Labelling;

/// <summary>
/// Labels an image with what its PIER lines brought (docs/labels.md), so that a node on a host that runs it may serve that on
/// the container's behalf. What serves itself, is kept to itself or is not there as it came has no label.
/// </summary>
internal static class ImageLabels
{
    /// <summary>Adds the labels to the configuration in a result; changes nothing when there is nothing to tell.</summary>
    /// <param name="image">The image's definition.</param>
    /// <param name="result">Has the configuration.</param>
    /// <param name="configKey">Where.</param>
    public static void Add(PatchedDefinition image, Result result, string configKey)
    {
        // The walk goes from the last line to the first: what was written last to a path is there.
        var labels = RootfsWalk.CopiesOf(image.Definition)
            .Select(copy => (Content: image.Contents.GetValueOrDefault(copy.Digest), copy.Destination))
            .Where(copy => copy.Content is { Request.Instruction.IsLabelled: true })
            .Select(copy => LabelOf(ServedPath.At(copy.Content!, copy.Destination)))
            .DistinctBy(label => label.Path)
            .OrderBy(label => label.Path, StringComparer.Ordinal)
            .ToList();
        if (labels.Count == 0 || !result.Metadata.TryGetValue(configKey, out var bytes) || JsonNode.Parse(bytes.Span) is not { } config)
        {
            return;
        }

        Put(config, labels);
        result.Metadata[configKey] = ByteString.CopyFromUtf8(config.ToJsonString());
    }

    /// <summary>Puts labels beside those that the image has already.</summary>
    internal static void Put(JsonNode config, IEnumerable<DataLabel> labels)
    {
        if (config["config"] is not JsonObject settings)
        {
            config["config"] = settings = [];
        }

        if (settings["Labels"] is not JsonObject known)
        {
            settings["Labels"] = known = [];
        }

        known[DataLabel.Marker] = DataLabel.MarkerValue;
        foreach (var label in labels)
        {
            known[DataLabelText.NameOf(Sha256.Hash(Encoding.UTF8.GetBytes(label.Path)))] = DataLabelText.Write(label);
        }
    }

    private static DataLabel LabelOf(ServedPath placed)
    {
        var content = placed.Content;
        var path = placed.Path.Length > 1 ? placed.Path.TrimEnd('/') : placed.Path;
        return new DataLabel(path, Digest.Parse(content.Digest), content.IsTree, [.. content.Request.Uris.Select(LabelSources.Of).OfType<string>()])
        {
            Size = content.Size,
            InfoHashes = content.InfoHashes,
            Outline = content.Outline is { } outline ? Convert.FromBase64String(outline) : default,
        };
    }
}
