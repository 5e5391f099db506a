namespace Pier.Benchmarks.Harness;

/// <summary>What areas share: a scratch folder in memory, the number of rounds, rounds in turn.</summary>
internal sealed class BenchContext(string scratch, int rounds, Func<string, bool> wants)
{
    private const long WarmBytes = 6L << 30;

    /// <summary>An empty folder on tmpfs, removed at the end.</summary>
    public string Scratch => scratch;

    public int Rounds => rounds;

    /// <summary>Whether a row was asked for; areas whose rows stand alone leave the others out.</summary>
    public bool Wants(string row) => wants(row);

    /// <summary>
    /// Touches and frees 6 GiB of memory: a virtual machine's first touch of a page is several times slower
    /// than later ones and would be charged to whoever runs first.
    /// </summary>
    public void WarmMemory()
    {
        var path = Path.Combine(scratch, "warm");
        var block = new byte[8 << 20];
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
        {
            for (var offset = 0L; offset < WarmBytes; offset += block.Length)
            {
                RandomAccess.Write(file, block, offset);
            }
        }

        File.Delete(path);
    }

    /// <summary>Runs Pier and its rival in turn, once unmeasured and then <see cref="Rounds"/> times: A B A B; or A B B A and <paramref name="times"/> as often.</summary>
    public async Task<IReadOnlyList<(T Pier, T Rival)>> InTurnAsync<T>(
        string what,
        Func<CancellationToken, Task<T>> pier,
        Func<CancellationToken, Task<T>> rival,
        CancellationToken cancellationToken,
        int times = 1)
    {
        var results = new List<(T, T)>(rounds * times);
        for (var round = 0; round <= rounds * times; round++)
        {
            // Whoever reads second finds what lies between this machine and its disk warmer.
            var isRivalFirst = times > 1 && round % 2 == 0;
            var first = await (isRivalFirst ? rival : pier)(cancellationToken);
            var second = await (isRivalFirst ? pier : rival)(cancellationToken);
            var (ours, theirs) = isRivalFirst ? (second, first) : (first, second);
            await Console.Error.WriteLineAsync($"{what}, {(round == 0 ? "warm-up" : $"round {round}")}: Pier {ours}, rival {theirs}");
            if (round > 0)
            {
                results.Add((ours, theirs));
            }
        }

        return results;
    }
}
