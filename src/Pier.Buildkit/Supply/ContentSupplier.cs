using System.Globalization;
using System.Text.Json;
using Pier.Api;
using Pier.Api.Supplies;
using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Gateway;
using Pier.Buildkit.Llb;
using Pier.Buildkit.Wire;
using Pier.Content;
using Pier.Content.Trees;

namespace Pier.Buildkit.Supply;

/// <summary>
/// Finds out what a PIER line's sources stand for. The frontend has no network: it lets BuildKit fetch the node's resolve
/// document, again and again until the node knows; each question shows in the build's output how far the node is.
/// </summary>
/// <param name="bridge">BuildKit.</param>
/// <param name="endpoint">The node.</param>
/// <param name="filename">The Dockerfile's name, for the output.</param>
internal sealed class ContentSupplier(Bridge bridge, string endpoint, string filename)
{
    /// <summary>A day of questions that the node answers after five seconds each; it gives up by itself long before.</summary>
    private const int MostAttempts = 17_280;

    private const string Document = "resolve.json";
    private const string TreeFile = "tree.tar";

    /// <summary>What the sources stand for.</summary>
    /// <exception cref="DockerfileException">It cannot be had; points at the line.</exception>
    public async Task<SuppliedContent> SupplyAsync(ContentRequest request, CancellationToken cancellationToken)
    {
        var serves = request.Instruction.Serves;
        if (request.Checksum is { } known && !serves && !request.NeedsNode)
        {
            // BuildKit checks it, and asks nobody while it has the bytes.
            return Describe(request, known.ToString(), size: null, request.IsTree, isExecutable: false, isMutable: false, request.GuessName());
        }

        var state = "looking";
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var answer = await AskAsync(request, attempt, state, cancellationToken);
            switch (answer.State)
            {
                case SupplyStates.Ready when Digest.TryParse(answer.Digest ?? "", out var digest) && digest.Algorithm == DigestAlgorithm.Sha256:
                    var brought = answer.Archive ?? answer.Digest!;
                    if (request.Checksum is { } expected && expected.ToString() != brought)
                    {
                        throw ContentRequest.Fault(request.Instruction, $"its sources bring {brought}, not {expected}.");
                    }

                    var name = answer.Name is { } given && TreeNames.Problem(given) is null ? given : request.GuessName();
                    var content = Describe(request, digest.ToString(), answer.Size, answer.IsTree, answer.IsExecutable, answer.IsMutable, name) with
                    {
                        InfoHashes = answer.InfoHashes ?? [],
                        Outline = answer.Outline,
                        Archive = answer.Archive,
                    };
                    return serves ? WithTorrent(content, answer.Torrent) : content;
                case SupplyStates.Working:
                    state = Progress(answer);
                    break;
                default:
                    throw ContentRequest.Fault(request.Instruction, answer.Error ?? $"the node at {endpoint} answers '{answer.State}', which this frontend does not know: use one of the same version.");
            }
        }

        throw ContentRequest.Fault(request.Instruction, $"the node at {endpoint} did not come to an end in a day.");
    }

    private SuppliedContent Describe(
        ContentRequest request, string digest, long? size, bool isTree, bool isExecutable, bool isMutable, string name)
    {
        if (request.Unpack && isTree)
        {
            throw ContentRequest.Fault(request.Instruction, "--unpack is for archives; these sources are a folder, which arrives unpacked.");
        }

        var address = SupplyAddresses.DataAt(endpoint, digest, isTree, request.Uris.Select(uri => uri.Text), request.Includes, request.Unpack);
        return new SuppliedContent(request, address, digest, isTree ? TreeFile : name, size, isTree, isExecutable, isMutable);
    }

    private SuppliedContent WithTorrent(SuppliedContent content, string? torrent) => Digest.TryParse(torrent ?? "", out var digest)
        ? content with
        {
            Torrent = digest.ToString(),
            TorrentAddress = SupplyAddresses.TorrentAt(endpoint, digest.ToString(), content.Request.Uris.Select(uri => uri.Text)),
        }
        : throw ContentRequest.Fault(content.Request.Instruction, $"the node at {endpoint} does not say how to serve it: use one of the frontend's version.");

    private async Task<SupplyAnswer> AskAsync(ContentRequest request, int attempt, string state, CancellationToken cancellationToken)
    {
        var address = SupplyAddresses.ResolveAt(endpoint, request.Uris.Select(uri => uri.Text), request.Includes, request.Instruction.Serves, attempt, request.Unpack);
        var question = LlbBuilder.Http(address, Document, $"[pier] {filename}:{request.Instruction.Line}: {request.GuessName()}: {state}");
        try
        {
            var result = await bridge.SolveAsync(new SolveRequest { Definition = LlbBuilder.Define(question) }, cancellationToken);
            var document = await bridge.ReadFileAsync(result, Document, range: null, cancellationToken);
            return JsonSerializer.Deserialize(document, ApiJson.Default.SupplyAnswer) ?? new SupplyAnswer("null");
        }
        catch (GrpcException refused)
        {
            throw ContentRequest.Fault(
                request.Instruction,
                $"no Pier node answers at {endpoint} ({Reason(refused.Message)}). Start one on the machine of the Docker engine (pierd), or name its port: --build-arg PIER_ENDPOINT=http://127.0.0.1:PORT. Without a node: COPY pierdat /usr/bin/ and RUN pierdat SOURCE DEST.",
                refused);
        }
        catch (JsonException broken)
        {
            throw ContentRequest.Fault(request.Instruction, $"what answers at {endpoint} is no Pier node: {broken.Message}", broken);
        }
    }

    /// <summary>The innermost cause: what stands after the address.</summary>
    private static string Reason(string message)
    {
        var at = message.LastIndexOf("\": ", StringComparison.Ordinal);
        return at < 0 ? message : message[(at + 3)..];
    }

    private static string Progress(SupplyAnswer answer) => answer.Total > 0
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{answer.Done * 100 / answer.Total} % of {ByteText.Of(answer.Total)}, {ByteText.Of(answer.Rate)}/s{(answer.Sources is { } sources ? $", from {sources}" : "")}")
        : "nothing has come yet";
}
