namespace Pier.Cli.Output;

/// <summary>A torrent's pieces in one line: for each part of it whether nothing, some or all of it is here.</summary>
internal static class PieceBar
{
    /// <summary><c>[##+..#]</c>, as wide as it may be but with at most a letter for a piece.</summary>
    /// <param name="map">One bit a piece, the high bit of the first byte being piece 0.</param>
    /// <param name="pieces">Number of pieces.</param>
    /// <param name="width">Columns there are, the brackets included.</param>
    public static string Of(byte[] map, int pieces, int width)
    {
        var cells = Math.Min(Math.Max(width - 2, 1), pieces);
        return $"[{string.Create(cells, (map, pieces), static (text, torrent) =>
        {
            for (var cell = 0; cell < text.Length; cell++)
            {
                var first = (int)((long)cell * torrent.pieces / text.Length);
                var end = (int)((cell + 1L) * torrent.pieces / text.Length);
                var have = Count(torrent.map, first, end);
                text[cell] = have == 0 ? '.' : have == end - first ? '#' : '+';
            }
        })}]";
    }

    private static int Count(byte[] map, int first, int end)
    {
        var have = 0;
        for (var piece = first; piece < end; piece++)
        {
            have += (map[piece / 8] >> (7 - piece % 8)) & 1;
        }
        return have;
    }
}
