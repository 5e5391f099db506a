namespace Pier.UnitTests.House;

/// <summary>What makes the house readable: every room says what it is for, and no file is longer than a sitting.</summary>
public sealed class RoomTests
{
    private const int MaxLines = 300;

    [Fact]
    public void Every_room_has_a_page_that_says_what_it_is_for() =>
        Tree.Rooms.Where(room => !File.Exists(Path.Combine(Tree.Root, "src", room, "README.md")))
            .Select(room => $"src/{room}/README.md is missing")
            .ShouldBeEmpty();

    [Fact]
    public void No_file_is_longer_than_300_lines() =>
        Tree.SourceFiles()
            .Select(file => (File: file, Lines: File.ReadLines(Path.Combine(Tree.Root, file)).Count()))
            .Where(entry => entry.Lines > MaxLines)
            .Select(entry => $"{entry.File} has {entry.Lines} lines")
            .ShouldBeEmpty();

    [Fact]
    public void A_folder_names_its_namespace()
    {
        var offending =
            from file in Tree.SourceFiles()
            where file.StartsWith("src/", StringComparison.Ordinal)
            let declared = File.ReadLines(Path.Combine(Tree.Root, file)).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))
            where declared is not null
            let expected = $"namespace {Path.GetDirectoryName(file[4..])!.Replace('/', '.')};"
            where declared != expected
            select $"{file} says '{declared}', its folder '{expected}'";

        offending.ShouldBeEmpty();
    }
}
