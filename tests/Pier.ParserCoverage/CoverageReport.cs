using System.Text.Json;

namespace Pier.ParserCoverage;

/// <summary>The branches that coverlet counted, by source file.</summary>
internal sealed class CoverageReport
{
    private readonly Dictionary<string, FileBranches> files = [];

    /// <summary>Reads coverlet's JSON: module → file → class → method → branches.</summary>
    public static CoverageReport Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var report = new CoverageReport();
        foreach (var module in document.RootElement.EnumerateObject())
        {
            foreach (var file in module.Value.EnumerateObject())
            {
                var methods = file.Value.EnumerateObject().SelectMany(type => type.Value.EnumerateObject());
                var branches = methods.SelectMany(method => method.Value.GetProperty("Branches").EnumerateArray())
                    .Select(branch => (Line: branch.GetProperty("Line").GetInt32(), Hit: branch.GetProperty("Hits").GetInt32() > 0))
                    .ToList();
                report.files[file.Name] = new FileBranches(
                    file.Name,
                    branches.Count(branch => branch.Hit),
                    branches.Count,
                    [.. branches.Where(branch => !branch.Hit).Select(branch => branch.Line).Distinct().Order()]);
            }
        }

        return report;
    }

    /// <summary>The branches of the named files together.</summary>
    public Branches BranchesOf(IReadOnlyList<string> names)
    {
        var found = files.Values
            .Where(file => names.Any(name => name.EndsWith('/')
                ? file.Path.Contains("/src/" + name, StringComparison.Ordinal)
                : file.Path.EndsWith("/src/" + name, StringComparison.Ordinal)))
            .OrderBy(file => file.Path, StringComparer.Ordinal)
            .ToList();
        return new Branches([.. found.Where(file => file.Total > 0)]);
    }
}

/// <summary>Branches of one file.</summary>
internal sealed record FileBranches(string Path, int Covered, int Total, IReadOnlyList<int> MissedLines)
{
    /// <summary>Covered of all, 0 to 1.</summary>
    public double Share => (double)Covered / Total;
}

/// <summary>Branches of one parser.</summary>
internal sealed record Branches(IReadOnlyList<FileBranches> Files)
{
    /// <summary>Branches that were taken.</summary>
    public int Covered => Files.Sum(file => file.Covered);

    /// <summary>All branches.</summary>
    public int Total => Files.Sum(file => file.Total);

    /// <summary>Covered of all, 0 to 1; 0 when there are none, so that a renamed file is noticed.</summary>
    public double Share => Total == 0 ? 0 : (double)Covered / Total;
}
