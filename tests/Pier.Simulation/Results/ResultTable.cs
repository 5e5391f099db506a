namespace Pier.Simulation.Results;

/// <summary>Results as lines of a table.</summary>
internal static class ResultTable
{
    /// <summary>The line above the others.</summary>
    public static string Head { get; } =
        $"{"scenario",-34} {"nodes",6} {"cap s",7} {"p50",6} {"p99",6} {"all",6} {"origin",7} {"out",6} {"up",5} {"down≥",6} {"control",8} {"waste",6} {"lost",5} {"stuck",5} {"bad",6}  run";

    /// <summary>One result: times as multiples of the cap's time, shares in percent.</summary>
    public static string Line(SimulationResult result)
    {
        var cap = result.Scenario.CapSeconds;
        return $"{result.Scenario.Name,-34} {result.Scenario.Nodes,6} {cap,7:0.0} {result.Percentile(0.5) / cap,6:0.00} {result.P99OverCap,6:0.00} {result.Last / cap,6:0.00} "
            + $"{result.OriginShare,7:0.00} {result.OutSeconds / cap,6:0.00} {result.UpShare,5:0%} {result.LeastDownShare,6:0%} {result.ControlShare,8:0.00%} {result.WasteShare,6:0.0%} "
            + $"{result.LostUnfinished,5} {result.Unfinished,5} {result.BadPieces,6}  {result.Elapsed.TotalSeconds:0.0} s, {result.Events / 1e6:0.0} M events";
    }
}
