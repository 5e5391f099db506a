using Pier.Content.Contracts;
using Pier.TestKit.Files;
using Pier.TestKit.Trees;
using Pier.Volumes.Writing;

namespace Pier.UnitTests.Volumes.Writing;

/// <summary>What containers put in the place of what they wrote leads a snapshot nowhere else.</summary>
public sealed class MergedTreeTests : IAsyncDisposable
{
    private readonly TempFolder _home = TempFolder.Create("merged");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Upper => _home.Below("upper");

    private string Host => _home.Below("host");

    [Fact]
    public async Task A_file_that_becomes_a_link_is_copied_as_it_was()
    {
        Make();
        var copied = new List<string>();
        await foreach (var entry in Tree().WalkAsync(Token))
        {
            if (entry is { Kind: TreeNodeKind.File, Upper: { } held })
            {
                File.Delete(Path.Combine(Upper, "a"));
                File.CreateSymbolicLink(Path.Combine(Upper, "a"), Path.Combine(Host, "secret"));
                copied.Add(await File.ReadAllTextAsync(held.Path, Token));
            }
        }

        copied.ShouldBe(["a", "e"]);
    }

    [Fact]
    public async Task A_folder_that_becomes_a_link_is_walked_as_it_was()
    {
        Make();
        var walked = new List<string>();
        await foreach (var entry in Tree().WalkAsync(Token))
        {
            walked.Add(string.Join('/', entry.Path));
            if (entry.Kind == TreeNodeKind.Directory)
            {
                Directory.Move(Path.Combine(Upper, "d"), _home.Below("away"));
                Directory.CreateSymbolicLink(Path.Combine(Upper, "d"), Host);
            }
        }

        walked.ShouldBe(["a", "d", "d/e", "z"]);
    }

    [Fact]
    public async Task What_is_gone_by_then_is_left_out_and_links_are_links()
    {
        Make();
        File.CreateSymbolicLink(Path.Combine(Upper, "l"), Host);
        var walked = new List<string>();
        await foreach (var entry in Tree().WalkAsync(Token))
        {
            walked.Add($"{string.Join('/', entry.Path)} {entry.Target}");
            if (Directory.Exists(Path.Combine(Upper, "d")))
            {
                Directory.Delete(Path.Combine(Upper, "d"), recursive: true);
            }
        }

        walked.ShouldBe(["a ", $"l {Host}", "z "]);
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private MergedTree Tree() => new(new MemoryTree([new("z", "z"u8.ToArray())]), Upper);

    private void Make()
    {
        Directory.CreateDirectory(Path.Combine(Upper, "d"));
        Directory.CreateDirectory(Host);
        File.WriteAllText(Path.Combine(Upper, "a"), "a");
        File.WriteAllText(Path.Combine(Upper, "d", "e"), "e");
        File.WriteAllText(Path.Combine(Host, "secret"), "secret");
    }
}
