using System.Text.Json.Nodes;
using Google.Protobuf;
using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Gateway;
using Pier.Buildkit.Llb;
using Pier.Buildkit.Supply;
using Pier.Buildkit.Wire;
using Pier.Content.References;

namespace Pier.Buildkit.Serving;

/// <summary>Has the images of a build serve what their PIER lines with <c>--serve</c> brought.</summary>
/// <param name="bridge">BuildKit.</param>
/// <param name="options">The build's options, which name the frontend's own image.</param>
internal sealed class ServingBuild(Bridge bridge, BuildOptions options)
{
    private const string Architecture = "amd64";

    private readonly HashSet<SuppliedContent> _served = new(ReferenceEqualityComparer.Instance);

    /// <summary>An image with what it needs to serve, and its configuration changed for it; as it was when it serves nothing.</summary>
    /// <param name="image">Its definition.</param>
    /// <param name="result">Has the configuration.</param>
    /// <param name="configKey">Where.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DockerfileException">It cannot serve; points at the line.</exception>
    public async Task<Definition> ServeAsync(PatchedDefinition image, Result result, string configKey, CancellationToken cancellationToken)
    {
        var paths = ServingImage.PathsOf(image.Definition, image.Contents.GetValueOrDefault);
        if (paths.Count == 0)
        {
            return image.Definition;
        }

        var first = paths[0].Content;
        if (!ImageReference.TryParse(options.Frontend, out var frontend))
        {
            throw ServingImage.Fault(first, "--serve: this BuildKit does not say where the frontend came from, and pierdat lies in its image.");
        }

        if (!result.Metadata.TryGetValue(configKey, out var bytes) || JsonNode.Parse(bytes.Span) is not { } config)
        {
            throw ServingImage.Fault(first, "--serve: this result is no image.");
        }

        if (ServedConfig.ArchitectureOf(config) is var architecture && architecture != Architecture)
        {
            throw ServingImage.Fault(first, $"--serve: pierdat is there for linux/{Architecture} alone, and this image is for {architecture}.");
        }

        var before = await ListOfAsync(image.Definition, cancellationToken);
        ServedConfig.Serve(config, first.Request.Instruction.Line);
        result.Metadata[configKey] = ByteString.CopyFromUtf8(config.ToJsonString());
        _served.UnionWith(paths.Select(path => path.Content));
        return ServingImage.Add(image.Definition, paths, frontend.WithDefaultTag().ToString(), Architecture, before);
    }

    /// <summary>Refuses lines that no image of the build came from.</summary>
    /// <exception cref="DockerfileException">Points at the line.</exception>
    public void RefuseOthers(IEnumerable<SuppliedContent> supplied)
    {
        if (supplied.FirstOrDefault(content => content.Torrent is not null && !_served.Contains(content)) is { } lost)
        {
            throw ServingImage.Fault(lost, "--serve stands in a stage that the image is not built on: only what PIER itself put into the image can be served. Write the line into the last stage.");
        }
    }

    /// <summary>An image that this one is built on may serve already.</summary>
    private async Task<byte[]?> ListOfAsync(Definition definition, CancellationToken cancellationToken)
    {
        var request = new SolveRequest { Definition = definition };
        request.CacheImports.AddRange(options.CacheImports);
        return await bridge.TryReadFileAsync(await bridge.SolveAsync(request, cancellationToken), ServingImage.List, cancellationToken);
    }
}
