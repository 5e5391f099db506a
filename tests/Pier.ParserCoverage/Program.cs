using Pier.ParserCoverage;

// Reads what `dotnet build -t:Count` counted and holds every parser to its share of branches.
if (args is not [var counted])
{
    Console.Error.WriteLine("usage: Pier.ParserCoverage COVERAGE.json (made by: dotnet build tests/Pier.ParserCoverage -t:Count)");
    return 2;
}

var report = CoverageReport.Read(counted);
var lacking = 0;
foreach (var parser in Parsers.All)
{
    var branches = report.BranchesOf(parser.Files);
    var met = branches.Total > 0 && branches.Share >= Parsers.Least;
    lacking += met ? 0 : 1;
    Console.WriteLine($"{(met ? "ok   " : "SHORT")} {branches.Share,6:P0} {branches.Covered,4} of {branches.Total,4}  {parser.Name}");
    foreach (var file in met ? [] : branches.Files)
    {
        Console.WriteLine($"             {file.Share,6:P0} {Path.GetFileName(file.Path)}: lines {string.Join(", ", file.MissedLines)}");
    }
}

Console.WriteLine($"Parsers: {Parsers.All.Count - lacking} of {Parsers.All.Count} have {Parsers.Least:P0} of their branches covered");
return lacking == 0 ? 0 : 1;
