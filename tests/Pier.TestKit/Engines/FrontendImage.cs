namespace Pier.TestKit.Engines;

/// <summary>The image pier/frontend as its own recipe makes it.</summary>
public sealed class FrontendImage
{
    /// <summary>What syntax lines call it.</summary>
    public const string Name = "pier/frontend";

    private static readonly CompiledFiles Compiled = new(
        "frontend",
        "plugins/buildkit-frontend/build.sh",
        ["--into"],
        ["src/Pier.Buildkit", "src/Pier.Api", "proto", "plugins/buildkit-frontend", .. PierdatProgram.Sources]);

    private readonly string _files;

    private FrontendImage(string files) => _files = files;

    /// <summary>The program itself.</summary>
    public string Program => Path.Combine(_files, "pier-frontend");

    /// <summary>Makes the files, unless they are there from before.</summary>
    public static async Task<FrontendImage> MakeAsync(CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PIERDAT"] = await PierdatProgram.MakeAsync(cancellationToken) };
        return new FrontendImage(await Compiled.MakeAsync(environment, cancellationToken));
    }

    /// <summary>Loads the image into an engine.</summary>
    public async Task LoadAsync(DockerEngine engine, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(engine);
        (await engine.BuildAsync(["--tag", Name, _files], cancellationToken)).OrThrow();
    }
}
