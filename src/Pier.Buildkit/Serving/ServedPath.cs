using Pier.Buildkit.Supply;

namespace Pier.Buildkit.Serving;

/// <summary>Content of a PIER line where an image has it.</summary>
/// <param name="Content">What it is.</param>
/// <param name="Path">The file, the folder of a tree's files, or the folder that a file was put into.</param>
internal sealed record ServedPath(SuppliedContent Content, string Path);
