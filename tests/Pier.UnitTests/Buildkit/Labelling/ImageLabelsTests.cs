using System.Text.Json.Nodes;
using Google.Protobuf;
using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Labelling;
using Pier.Buildkit.Llb;
using Pier.Buildkit.Supply;
using Pier.Buildkit.Wire;
using Pier.Content.Labels;

namespace Pier.UnitTests.Buildkit.Labelling;

/// <summary>What an image tells of its data, and when it tells nothing.</summary>
public sealed class ImageLabelsTests
{
    private const string Key = "containerimage.config";
    private const string Magnet = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&tr=http://secret/";

    private static readonly string Hash = "sha256:" + new string('a', 64);

    [Fact]
    public void Content_is_told_where_it_is_beside_the_labels_that_were_there()
    {
        var labels = LabelsOf($"PIER {Magnet} /data/", "/data/", """{"config":{"Labels":{"own":"x","org.pier.data.0123456789abcdef":"of the base"} } }""").ShouldNotBeNull();

        labels.Select(label => label.Key).ShouldBe(["own", "org.pier.data.0123456789abcdef", "org.pier.data", "org.pier.data.08efed3abe1050c4"], ignoreOrder: true);
        labels["org.pier.data"]!.GetValue<string>().ShouldBe("1");
        var label = DataLabelText.Read(labels[DataLabelText.NameOf(System.Security.Cryptography.SHA256.HashData("/data/b"u8))]!.GetValue<string>());
        (label.Path, label.Digest.ToString(), label.Size, label.IsTree).ShouldBe(("/data/b", Hash, 5L, false));
        label.Sources.ShouldBe(["magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567"]);
        label.InfoHashes.ShouldBe(["0123456789abcdef0123456789abcdef01234567"]);
        label.Outline.ToArray().ShouldBe("de"u8.ToArray());
    }

    [Theory]
    [InlineData("--serve")]
    [InlineData("--serve=false")]
    [InlineData("--serve=bittorrent")]
    [InlineData("--unpack")]
    [InlineData("--include=*.bin")]
    public void What_serves_itself_or_is_not_there_as_it_came_is_not_told(string flag) =>
        LabelsOf($"PIER {flag} {Magnet} /data/", "/data/", "{}").ShouldBeNull();

    [Fact]
    public void An_image_without_settings_gets_them() =>
        LabelsOf($"PIER --chmod=600 {Magnet} /f", "/f", """{"config":null}""").ShouldNotBeNull().Count.ShouldBe(2);

    [Fact]
    public void A_result_that_is_no_image_stays_as_it_is()
    {
        var result = new Result();
        ImageLabels.Add(Image($"PIER {Magnet} /f", "/f"), result, Key);
        result.Metadata.ShouldBeEmpty();
    }

    private static JsonObject? LabelsOf(string line, string destination, string config)
    {
        var result = new Result { Metadata = { [Key] = ByteString.CopyFromUtf8(config) } };
        ImageLabels.Add(Image(line, destination), result, Key);
        return JsonNode.Parse(result.Metadata[Key].Span)!["config"]?["Labels"]?.AsObject();
    }

    private static PatchedDefinition Image(string line, string destination)
    {
        var data = new LlbNode(new Op { Source = new SourceOp { Identifier = "http://node/data" } }, "data");
        var copy = new Op
        {
            File = new FileOp { Actions = { new FileAction { Input = 0, SecondaryInput = 1, Output = 0, Copy = new FileActionCopy { Src = "/b", Dest = destination } } } },
        };
        var definition = LlbBuilder.Define(new LlbNode(copy, "copy", new LlbNode(new Op { Source = new SourceOp { Identifier = "docker-image://x" } }, "base"), data));
        var instruction = DockerfilePlan.Of("FROM x\n" + line, DockerfileDialect.Modern).Instructions[0];
        var request = ContentRequest.Read(instruction, [.. instruction.ContentFlags, .. instruction.Sources]);
        var content = new SuppliedContent(request, "http://node/data", Hash, "b", 5, IsTree: false, IsExecutable: false, IsMutable: false)
        {
            InfoHashes = ["0123456789abcdef0123456789abcdef01234567"],
            Outline = Convert.ToBase64String("de"u8),
        };
        var source = definition.Def.Single(bytes => Op.Parser.ParseFrom(bytes).Source?.Identifier == "http://node/data");
        return new PatchedDefinition(definition, new Dictionary<string, SuppliedContent>(StringComparer.Ordinal) { [Sha256.Text(source.Span)] = content });
    }
}
