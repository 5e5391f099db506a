using Pier.Buildkit.Supply;

namespace Pier.Buildkit.Serving;

/// <summary>Content of a PIER line where an image has it.</summary>
/// <param name="Content">What it is.</param>
/// <param name="Path">The file, the folder of a tree's files, or the folder that a file was put into.</param>
internal sealed record ServedPath(SuppliedContent Content, string Path)
{
    /// <summary>Content that went into a folder is that folder's file of its name; one that was named is that file.</summary>
    /// <param name="content">What was copied.</param>
    /// <param name="destination">Where to, as the copy says it.</param>
    public static ServedPath At(SuppliedContent content, string destination) =>
        new(content, !content.IsTree && destination.EndsWith('/') ? destination + content.Filename : destination);
}
