using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Gateway;
using Pier.Buildkit.Labelling;
using Pier.Buildkit.Llb;
using Pier.Buildkit.Serving;
using Pier.Buildkit.Supply;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit;

/// <summary>
/// One build: (1) reads the Dockerfile, (2) turns PIER lines into markers, (3) lets BuildKit's own frontend do all the rest,
/// (4) asks the node what the markers that are left stand for, (5) puts downloads with checksums in their place.
/// </summary>
internal sealed class Frontend(Bridge bridge, BuildOptions options)
{
    private const string BuiltIn = "dockerfile.v0";
    private const string Warnings = "gateway.warnings";
    private const string ConfigKey = "containerimage.config";

    /// <summary>The Dockerfile, once it is read; errors show it.</summary>
    public SourceInfo? Dockerfile { get; private set; }

    /// <summary>Builds; the result is what to return to BuildKit.</summary>
    /// <exception cref="DockerfileException">A line of the Dockerfile is wrong, or its content cannot be had.</exception>
    /// <exception cref="GrpcException">BuildKit refuses something.</exception>
    public async Task<Result> BuildAsync(CancellationToken cancellationToken)
    {
        var (asked, given) = (bridge.CapabilitiesAsync(cancellationToken), bridge.InputsAsync(cancellationToken));
        await Task.WhenAll(asked, given);
        var (capabilities, inputs) = (await asked, await given);
        var loaded = await new DockerfileSource(bridge, options).LoadAsync(inputs, cancellationToken); // (1)
        Dockerfile = loaded.Info;
        var dialect = capabilities.Contains(Warnings) ? DockerfileDialect.Modern : DockerfileDialect.Old;
        var plan = DockerfilePlan.Of(loaded.Text, dialect); // (2)
        var result = await bridge.SolveAsync(Forward(inputs, loaded, plan), cancellationToken); // (3)
        if (plan.Instructions.Count > 0 && !options.IsSubrequest)
        {
            await PatchAsync(result, plan, capabilities.Contains(Warnings), cancellationToken);
        }

        return result;
    }

    private SolveRequest Forward(IDictionary<string, Definition> inputs, LoadedDockerfile loaded, DockerfilePlan plan)
    {
        var request = new SolveRequest { Frontend = BuiltIn };
        foreach (var (key, value) in options.All)
        {
            request.FrontendOpt[key] = value;
        }

        // Any value stops the built-in frontend from following the syntax line to this one again.
        request.FrontendOpt.TryAdd("cmdline", "pier");
        foreach (var (name, input) in inputs)
        {
            request.FrontendInputs[name] = input;
        }

        request.CacheImports.AddRange(options.CacheImports);
        if (plan.Instructions.Count == 0)
        {
            return request;
        }

        List<(string, byte[])> files = [(loaded.Info.Filename, Encoding.UTF8.GetBytes(plan.Text))];
        if (loaded.Ignore is { } ignore)
        {
            files.Add((loaded.Info.Filename + ".dockerignore", ignore));
        }

        request.FrontendInputs["dockerfile"] = LlbBuilder.Define(LlbBuilder.Files(files, "[internal] prepare " + loaded.Info.Filename));
        request.FrontendOpt["filename"] = loaded.Info.Filename;
        // While it is set the input does not count.
        request.FrontendOpt.Remove("dockerfilekey");
        if (loaded.Context is { } context)
        {
            request.FrontendInputs[options.ContextKey] = context;
            request.FrontendOpt.Remove(options.ContextKey);
        }

        return request;
    }

    private async Task PatchAsync(Result result, DockerfilePlan plan, bool canWarn, CancellationToken cancellationToken)
    {
        Ref[] refs = [.. RefsOf(result).Where(reference => reference.Id.Length > 0)];
        if (Array.Exists(refs, reference => reference.Def is null))
        {
            throw new DockerfileException(0, 0, "This BuildKit does not say how its results are made (capability reference.output), which PIER needs: use Docker 20.10 or later.");
        }

        string[] markers = [.. refs.SelectMany(reference => DefinitionPatch.MarkersIn(reference.Def)).Distinct(StringComparer.Ordinal)];
        var supplier = new ContentSupplier(bridge, options.Endpoint, Dockerfile!.Filename);
        var supplied = await Task.WhenAll(markers.Select(marker => SupplyAsync(supplier, plan, marker, cancellationToken))); // (4)
        var contents = markers.Zip(supplied).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        var serving = new ServingBuild(bridge, options);
        var images = ImagesOf(result);
        foreach (var reference in refs)
        {
            var image = DefinitionPatch.Apply(reference.Def, Dockerfile, contents.GetValueOrDefault); // (5)
            var patched = image.Definition;
            if (images.TryGetValue(reference, out var configKey))
            {
                ImageLabels.Add(image, result, configKey);
                patched = await serving.ServeAsync(image, result, configKey, cancellationToken);
            }

            var request = new SolveRequest { Definition = patched };
            request.CacheImports.AddRange(options.CacheImports);
            var solved = await bridge.SolveAsync(request, cancellationToken);
            reference.Id = solved.Ref.Id;
            reference.Def = solved.Ref.Def ?? patched;
        }

        serving.RefuseOthers(supplied);
        RestoreHistory(result);
        if (canWarn)
        {
            await WarnAsync(supplied, cancellationToken);
        }
    }

    private static Task<SuppliedContent> SupplyAsync(ContentSupplier supplier, DockerfilePlan plan, string marker, CancellationToken cancellationToken) =>
        SourceMarker.Read(marker) is var (number, words) && number < plan.Instructions.Count
            ? supplier.SupplyAsync(ContentRequest.Read(plan.Instructions[number], words), cancellationToken)
            : throw new DockerfileException(0, 0, $"'{marker}' is an address that only Pier itself may use.");

    private static IEnumerable<Ref> RefsOf(Result result) =>
    [
        .. result.Ref is { } one ? [one] : Array.Empty<Ref>(),
        .. result.Refs?.Refs.Values ?? Enumerable.Empty<Ref>(),
        .. result.Attestations.Values.SelectMany(list => list.Attestation).Select(attestation => attestation.Ref).OfType<Ref>(),
    ];

    /// <summary>The results that are images, and where the configuration of each is.</summary>
    private static Dictionary<Ref, string> ImagesOf(Result result)
    {
        var images = new Dictionary<Ref, string>(ReferenceEqualityComparer.Instance);
        if (result.Ref is { } one)
        {
            images[one] = ConfigKey;
        }

        if (result.Refs is { } many)
        {
            foreach (var (platform, image) in many.Refs)
            {
                images[image] = $"{ConfigKey}/{platform}";
            }
        }

        return images;
    }

    /// <summary>An image's history says PIER where the Dockerfile says so.</summary>
    private static void RestoreHistory(Result result)
    {
        foreach (var key in result.Metadata.Keys.Where(key => key.StartsWith(ConfigKey, StringComparison.Ordinal)).ToList())
        {
            if (JsonNode.Parse(result.Metadata[key].Span)?["history"] is not JsonArray history)
            {
                continue;
            }

            foreach (var entry in history.OfType<JsonObject>())
            {
                if (entry["created_by"]?.GetValue<string>() is { } command && command.Contains(SourceMarker.Prefix, StringComparison.Ordinal))
                {
                    entry["created_by"] = SourceMarker.Restore(command);
                }
            }

            result.Metadata[key] = ByteString.CopyFromUtf8(history.Root.ToJsonString());
        }
    }

    private Task WarnAsync(IEnumerable<SuppliedContent> supplied, CancellationToken cancellationToken) => Task.WhenAll(supplied
        .Where(content => content is { IsMutable: true, Request.Checksum: null })
        .Select(content => bridge.WarnAsync(
            new WarnRequest
            {
                Digest = Sha256.Text(ByteString.CopyFromUtf8(content.Digest).Span),
                Level = 1,
                Short = ByteString.CopyFromUtf8($"PIER line {content.Request.Instruction.Line}: its source may change; to keep this content add {content.ChecksumFlag}"),
                Info = Dockerfile,
                Ranges = { new Wire.Range { Start = new Position { Line = content.Request.Instruction.Line }, End = new Position { Line = content.Request.Instruction.EndLine } } },
            },
            cancellationToken)));
}
