namespace Pier.Buildkit.Dockerfiles;

/// <summary>What differs between the Dockerfile parsers of the engines in use.</summary>
/// <param name="Heredocs">RUN, COPY and ADD may carry here-documents (BuildKit 0.10, Docker 23).</param>
public sealed record DockerfileDialect(bool Heredocs)
{
    /// <summary>BuildKit 0.8 to 0.9, hence Docker 20.10.</summary>
    public static DockerfileDialect Old { get; } = new(Heredocs: false);

    /// <summary>BuildKit from 0.10 on.</summary>
    public static DockerfileDialect Modern { get; } = new(Heredocs: true);
}
