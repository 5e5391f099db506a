using System.Text;
using Google.Protobuf;
using Pier.Buildkit.Gateway;
using Pier.Buildkit.Llb;
using Pier.Buildkit.Wire;

namespace Pier.Buildkit;

/// <summary>Where a build's Dockerfile comes from: the client's folder, an input, or a build context by address.</summary>
internal sealed class DockerfileSource(Bridge bridge, BuildOptions options)
{
    private const int HeadSize = 1024;
    private const string ContextFile = "context";
    private const int TarMagicOffset = 257;

    /// <summary>Reads it.</summary>
    /// <param name="inputs">What the client gave.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<LoadedDockerfile> LoadAsync(IDictionary<string, Definition> inputs, CancellationToken cancellationToken)
    {
        if (options.RemoteContext is { } address)
        {
            return await FromContextAsync(address, cancellationToken);
        }

        if (options.GitContext is { } repository)
        {
            var context = LlbBuilder.Define(GitAddress.Source(repository, options.KeepsGitFolder));
            return await ReadAsync(options.HasDockerfileKey ? Local() : context, options.Filename, context, cancellationToken);
        }

        var definition = inputs.TryGetValue("dockerfile", out var input) && !options.HasDockerfileKey ? input : Local();
        return await ReadAsync(definition, options.Filename, context: null, cancellationToken);
    }

    /// <summary>
    /// A context by address has been fetched by BuildKit already, perhaps from an address that answers once: the same operation
    /// gives the same bytes. While the option names it, inputs do not count: so it becomes an input itself.
    /// </summary>
    private async Task<LoadedDockerfile> FromContextAsync(string address, CancellationToken cancellationToken)
    {
        var file = LlbBuilder.Http(address, ContextFile, "[internal] load remote build context");
        var result = await bridge.SolveAsync(new SolveRequest { Definition = LlbBuilder.Define(file) }, cancellationToken);
        var head = await bridge.ReadFileAsync(result, ContextFile, new FileRange { Length = HeadSize }, cancellationToken);
        if (!IsArchive(head))
        {
            // The file is the Dockerfile; there is no context.
            var alone = LlbBuilder.Define(file);
            return await ReadAsync(options.HasDockerfileKey ? Local() : alone, options.HasDockerfileKey ? options.Filename : ContextFile, alone, cancellationToken);
        }

        var unpacked = LlbBuilder.Define(LlbBuilder.Unpacked(file, ContextFile, "[internal] extract build context"));
        return await ReadAsync(options.HasDockerfileKey ? Local() : unpacked, options.Filename, unpacked, cancellationToken);
    }

    private Definition Local()
    {
        var filename = options.Filename;
        // As BuildKit's own frontend asks, so that it is transferred once.
        return LlbBuilder.Define(LlbBuilder.Local(
            options.DockerfileKey, options.Session, [filename, filename + ".dockerignore"], "[internal] load build definition from " + filename));
    }

    private async Task<LoadedDockerfile> ReadAsync(Definition definition, string filename, Definition? context, CancellationToken cancellationToken)
    {
        var result = await bridge.SolveAsync(new SolveRequest { Definition = definition }, cancellationToken);
        var ignored = bridge.TryReadFileAsync(result, filename + ".dockerignore", cancellationToken);
        var read = bridge.ReadFileAsync(result, filename, range: null, cancellationToken);
        await Task.WhenAll((Task)read, ignored);
        var (bytes, ignore) = (await read, await ignored);
        var info = new SourceInfo { Filename = filename, Data = ByteString.CopyFrom(bytes), Language = "Dockerfile" };
        return new LoadedDockerfile(info, Encoding.UTF8.GetString(bytes), ignore, context);
    }

    /// <summary>gzip, bzip2, xz, zstd or tar, by their first bytes.</summary>
    private static bool IsArchive(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) || head.StartsWith("BZh"u8) || head.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'])
        || head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd])
        || (head.Length > TarMagicOffset && head[TarMagicOffset..].StartsWith("ustar"u8));
}

/// <summary>A Dockerfile as it was read.</summary>
/// <param name="Info">Name and bytes, for excerpts.</param>
/// <param name="Text">The text.</param>
/// <param name="Ignore">The <c>.dockerignore</c> of its own, or null.</param>
/// <param name="Context">The build context when it came by address, else null.</param>
internal sealed record LoadedDockerfile(SourceInfo Info, string Text, byte[]? Ignore, Definition? Context);
