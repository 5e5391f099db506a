namespace Pier.Cli.Output;

/// <summary>Rows in columns as wide as their widest cell, two spaces apart; numbers to the right.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row with a cell per heading; what cells say may come from strangers.</summary>
    public TextTable Row(params string[] cells)
    {
        _rows.Add([.. cells.Select(PlainText.Of)]);
        return this;
    }

    /// <summary>Writes headings and rows; a heading that ends in &gt; stands to the right with its cells.</summary>
    public void WriteTo(TextWriter writer, string indent = "")
    {
        var right = headings.Select(heading => heading.EndsWith('>')).ToArray();
        string[][] all = [[.. headings.Select(heading => heading.TrimEnd('>'))], .. _rows];
        var widths = Enumerable.Range(0, headings.Length).Select(column => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
        {
            var cells = row.Select((cell, column) => right[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            writer.WriteLine($"{indent}{string.Join("  ", cells)}".TrimEnd());
        }
    }
}
