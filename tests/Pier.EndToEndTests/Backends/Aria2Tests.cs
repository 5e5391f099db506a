using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Backends;

/// <summary>The backend aria2c with the real aria2, in a running node.</summary>
public sealed class Aria2Tests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_and_metalinks_come_by_aria2()
    {
        RequiredTool.Path("aria2c", "apt-get install aria2");
        var content = RandomNumberGenerator.GetBytes(500_000);
        await using var folder = TempFolder.Create("aria2");
        await using var network = await TestNetwork.CreateAsync(Cancel);
        Uri? address = null;
        await using var web = await FaultyUpstream.StartAsync(
            await network.AddHostAsync("web", Cancel), context => AnswerAsync(context, content, address!), Cancel);
        address = web.Address;
        await using var node = await PierNode.StartAsync(
            await network.AddHostAsync("node", Cancel), new PierNodePlan { DockerHub = web.Address, Flags = ["--backends", SourceTree.At("plugins/backends")] }, Cancel);

        (await node.PierAsync(["get", $"aria2c:{web.Address}file.bin", folder.Below("plain")], Cancel)).OrThrow();
        (await node.PierAsync(["get", $"aria2c:{web.Address}all.meta4", folder.Below("linked")], Cancel)).OrThrow();
        var refused = await node.PierAsync(["get", "aria2c:gopher://x/y", folder.Below("refused")], Cancel);

        (await File.ReadAllBytesAsync(OnlyFile(folder.Below("plain")), Cancel)).ShouldBe(content);
        (await File.ReadAllBytesAsync(OnlyFile(folder.Below("linked")), Cancel)).ShouldBe(content);
        refused.ExitCode.ShouldNotBe(0);
        refused.Error.ShouldContain("aria2c takes http, https, ftp, sftp and magnet");
    }

    /// <summary>A destination that is the file, or a folder with nothing else in it.</summary>
    private static string OnlyFile(string path) => File.Exists(path) ? path : Directory.GetFiles(path, "*", SearchOption.AllDirectories).ShouldHaveSingleItem();

    /// <summary>The file, and a metalink to it (RFC 5854).</summary>
    private static Task AnswerAsync(HttpContext context, byte[] content, Uri address)
    {
        if (context.Request.Path == "/file.bin")
        {
            context.Response.ContentLength = content.Length;
            return context.Response.Body.WriteAsync(content, Cancel).AsTask();
        }

        context.Response.ContentType = "application/metalink4+xml";
        return context.Response.WriteAsync(
            $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="file.bin"><size>{content.Length}</size>
            <hash type="sha-256">{Convert.ToHexStringLower(SHA256.HashData(content))}</hash><url>{address}file.bin</url></file></metalink>
            """,
            Cancel);
    }
}
