using System.Globalization;
using System.Text.RegularExpressions;

namespace Pier.Benchmarks.Builds;

/// <summary>What the frontend told the engine's log of one build (<c>--build-arg PIER_TRACE=1</c>), in milliseconds.</summary>
/// <param name="Total">From the program's first line to its call of Return.</param>
/// <param name="BuiltIn">Of that, waiting for BuildKit's own frontend.</param>
internal sealed partial record FrontendTrace(double Total, double BuiltIn)
{
    /// <summary>Reads a line of the log; null for any other line.</summary>
    public static FrontendTrace? Read(string line)
    {
        var total = Totals().Match(line);
        var builtIn = BuiltIns().Match(line);
        return total.Success && builtIn.Success
            ? new FrontendTrace(double.Parse(total.Groups["ms"].ValueSpan, CultureInfo.InvariantCulture), double.Parse(builtIn.Groups["ms"].ValueSpan, CultureInfo.InvariantCulture))
            : null;
    }

    [GeneratedRegex(@"pier-frontend: (?<ms>[0-9.]+) ms to Return: ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Totals();

    [GeneratedRegex(@"dockerfile\.v0 [0-9.]+\+(?<ms>[0-9.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BuiltIns();
}
