using System.Text;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Fetch.Upstreams;
using RegistryInProcess = Pier.UnitTests.Distribution.FakeUpstream;

namespace Pier.UnitTests.Fetch.Upstreams;

/// <summary>Lists of referrers of registries with the list, and of those where clients keep it under a tag (OCI distribution-spec, "Referrers Tag Schema").</summary>
public sealed class RegistryUpstreamTests
{
    private static readonly Digest Subject = Digest.Compute("subject"u8);
    private static readonly string Tag = $"sha256-{Subject.Hex}";
    private static readonly byte[] List = Encoding.UTF8.GetBytes(
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Subject}}","size":7}]}""");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_registry_that_has_the_list_is_believed_and_asked_for_no_tag()
    {
        await using var registry = await RegistryInProcess.StartAsync(context =>
        {
            context.Response.Headers["OCI-Filters-Applied"] = "artifactType";
            return SendAsync(context, List);
        });

        var page = await ListAsync(registry, "artifactType=a");

        page.Index.ToArray().ShouldBe(List);
        page.IsFiltered.ShouldBeTrue();
        registry.Asked.Select(asked => asked.Path).ShouldBe([$"/v2/team/app/referrers/{Subject}?artifactType=a"]);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(406)]
    [InlineData(400)]
    public async Task A_registry_without_the_list_is_asked_for_the_tag(int refusal)
    {
        await using var registry = await RegistryInProcess.StartAsync(context => Answer(context, refusal, $"/v2/team/app/manifests/{Tag}", List));

        var page = await ListAsync(registry, "artifactType=a");

        page.Index.ToArray().ShouldBe(List);
        (page.IsFiltered, page.Next).ShouldBe((false, null), "who asked has to pick for itself");
    }

    [Fact]
    public async Task A_digest_of_sha512_has_a_tag_of_its_first_64_digits()
    {
        var subject = Digest.Parse($"sha512:{new string('a', 64)}{new string('b', 64)}");
        await using var registry = await RegistryInProcess.StartAsync(context => Answer(context, 404, $"/v2/team/app/manifests/sha512-{new string('a', 64)}", List));

        (await ListAsync(registry, "", subject)).Index.ToArray().ShouldBe(List);
    }

    [Fact]
    public async Task With_neither_list_nor_tag_nothing_refers_to_it()
    {
        await using var registry = await RegistryInProcess.StartAsync(context => Answer(context, 404, "/none", List));

        var page = await ListAsync(registry, "");

        ManifestParser.Parse(MediaTypes.OciIndex, page.Index.ToArray()).ShouldBeOfType<ImageIndex>().Manifests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_image_that_goes_by_such_a_tag_is_no_list()
    {
        var image = Encoding.UTF8.GetBytes(Pier.UnitTests.Content.Manifests.ManifestSamples.OciImage);
        await using var registry = await RegistryInProcess.StartAsync(context => Answer(context, 404, $"/v2/team/app/manifests/{Tag}", image, MediaTypes.OciManifest));

        var page = await ListAsync(registry, "");

        ManifestParser.Parse(MediaTypes.OciIndex, page.Index.ToArray()).ShouldBeOfType<ImageIndex>().Manifests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refusal_is_not_taken_for_a_registry_without_the_list()
    {
        await using var registry = await RegistryInProcess.StartAsync(context => Answer(context, 403, $"/v2/team/app/manifests/{Tag}", List));

        await Should.ThrowAsync<ContentDeniedException>(() => ListAsync(registry, ""));
    }

    private static Task<ReferrersPage> ListAsync(RegistryInProcess registry, string query, Digest? subject = null) =>
        new RegistryUpstream(registry.Clients()).ListReferrersAsync(registry.Repository, subject ?? Subject, query, Cancel);

    private static Task Answer(HttpContext context, int refusal, string path, byte[] body, string mediaType = MediaTypes.OciIndex)
    {
        if (context.Request.Path == path)
        {
            return SendAsync(context, body, mediaType);
        }

        context.Response.StatusCode = context.Request.Path.Value!.Contains("/referrers/", StringComparison.Ordinal) ? refusal : 404;
        return Task.CompletedTask;
    }

    private static async Task SendAsync(HttpContext context, byte[] body, string mediaType = MediaTypes.OciIndex)
    {
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, Cancel);
    }
}
