namespace Pier.EndToEndTests.Builds;

/// <summary>What a build says that cannot work: which line, why, and what to do.</summary>
public abstract class BuildErrorSuite(BuildSetting setting) : BuildSuite(setting)
{
    [Theory]
    [InlineData("PIER --what a b", "Dockerfile:3: PIER: there is no flag --what")]
    [InlineData("PIER --serve --unpack a b", "Dockerfile:3: PIER: --unpack does not go with --serve")]
    [InlineData("PIER alone", "Dockerfile:3: PIER: a source and a destination are needed")]
    [InlineData("ONBUILD PIER sha256:00 /x", "Dockerfile:3: PIER: ONBUILD PIER cannot work")]
    [InlineData("PIER nonsense /x", "Dockerfile:3: PIER: 'nonsense' is not a content URI")]
    [InlineData("PIER [", "Dockerfile:3: PIER: ")]
    [InlineData("PIER \"\" \"\"", "Dockerfile:3: PIER: ")]
    [InlineData("PIER --checksum=sha256:zz http://x/y /z", "Dockerfile:3: PIER: --checksum=sha256:zz: ")]
    [InlineData("PIER --checksum http://x/y /z", "Dockerfile:3: PIER: ")]
    [InlineData("PIER --chmod=rwx http://x/y /z", "Dockerfile:3")]
    [InlineData("PIER \u0001\uFFFD{{ /z", "Dockerfile:3: PIER: ")]
    [InlineData("PIER magnet:? /z", "Dockerfile:3: PIER: ")]
    [InlineData("PIER http://169.254.169.254/x /x", "metadata address, which Pier never asks")]
    [InlineData("PIER $UNSET /x", "Dockerfile:3: PIER: a source is empty")]
    [InlineData("PIER ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi /x", "no IPFS source is configured")]
    [InlineData("PIER ed2k:x /x", "eDonkey links are not supported")]
    [InlineData("PIER nobody:x /x", "no backend 'nobody' is configured")]
    [InlineData("RUNN true", "line 3: unknown instruction: RUNN")]
    public async Task A_line_that_cannot_work_is_named(string line, string message)
    {
        var result = await Setting.BuildAsync($"FROM scratch\n{line}", [], Cancel);

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain(message, customMessage: result.Error);
        result.Error.ShouldNotContain("pier.invalid");
    }

    [Fact]
    public async Task Without_a_node_the_message_says_how_to_start_one()
    {
        var result = await Setting.BuildAsync($"FROM scratch\nPIER {Setting.FileMagnet} /x", ["--build-arg", "PIER_ENDPOINT=http://127.0.0.1:1"], Cancel);

        result.ExitCode.ShouldNotBe(0);
        result.Error.ShouldContain("Dockerfile:3: PIER: no Pier node answers at http://127.0.0.1:1");
        result.Error.ShouldContain("pierd");
    }
}

/// <summary>By Docker 20.10.</summary>
[Collection(BuildTests.Name)]
public sealed class BuildErrorTests(BuildSetting setting) : BuildErrorSuite(setting);

/// <summary>By Docker 28, classic store.</summary>
[Collection(ClassicBuildTests.Name)]
[Trait("Run", "full")]
public sealed class BuildErrorOnClassicTests(ClassicBuildSetting setting) : BuildErrorSuite(setting);

/// <summary>By Docker 28, containerd's store.</summary>
[Collection(ContainerdBuildTests.Name)]
[Trait("Run", "full")]
public sealed class BuildErrorOnContainerdTests(ContainerdBuildSetting setting) : BuildErrorSuite(setting);
