using System.Text.RegularExpressions;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Torrents;

/// <summary>Other people's programs that make and show torrents, each asked for the info-hashes as it sees them.</summary>
internal static partial class TorrentTools
{
    private const string InstallLibtorrent = "apt-get install python3-libtorrent";

    private const string ShowScript =
        """
        import libtorrent as lt, sys
        info = lt.torrent_info(sys.argv[1])
        hashes = info.info_hashes()
        print(str(hashes.v1) if hashes.has_v1() else '-', str(hashes.v2) if hashes.has_v2() else '-')
        """;

    private const string CreateScript =
        """
        import libtorrent as lt, os, sys
        path, output, piece_length, kind = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
        flags = {'v1': lt.create_torrent.v1_only, 'v2': lt.create_torrent.v2_only, 'hybrid': 0}[kind]
        files = lt.file_storage()
        lt.add_files(files, path, flags=flags)
        torrent = lt.create_torrent(files, piece_size=piece_length, flags=flags)
        torrent.add_tracker('http://tracker.example/announce', 0)
        torrent.add_tracker('udp://tracker.example:6969', 1)
        torrent.add_url_seed('http://seed.example/')
        torrent.set_comment('made by libtorrent')
        lt.set_piece_hashes(torrent, os.path.dirname(path))
        with open(output, 'wb') as file:
            file.write(lt.bencode(torrent.generate()))
        """;

    /// <summary>The v1 and v2 info-hashes that libtorrent computes; a dash for one that the torrent has not.</summary>
    public static async Task<string> LibtorrentShowAsync(string torrent) => (await PythonAsync(ShowScript, torrent)).Trim();

    /// <summary>Makes a torrent with libtorrent.</summary>
    public static async Task LibtorrentCreateAsync(string path, string output, int pieceLength, string kind) =>
        await PythonAsync(CreateScript, path, output, $"{pieceLength}", kind);

    public static async Task MktorrentAsync(string path, string output) => await RunAsync(
        "mktorrent", "apt-get install mktorrent", "-l", "15", "-a", "http://tracker.example/announce", "-c", "made by mktorrent", "-o", output, path);

    public static async Task TransmissionCreateAsync(string path, string output) => await RunAsync(
        "transmission-create", "apt-get install transmission-cli", "-s", "32", "-t", "http://tracker.example/announce", "-o", output, path);

    /// <summary>The v1 info-hash as transmission computes it.</summary>
    public static async Task<string> TransmissionShowAsync(string torrent) =>
        Find(HashLine(), await RunAsync("transmission-show", "apt-get install transmission-cli", torrent));

    /// <summary>The v1 info-hash as aria2 computes it.</summary>
    public static async Task<string> Aria2ShowAsync(string torrent) =>
        Find(InfoHashLine(), await RunAsync("aria2c", "apt-get install aria2", "-S", torrent));

    private static async Task<string> PythonAsync(string script, params string[] arguments)
    {
        // Debian's own interpreter: another one on PATH would not see Debian's modules.
        var python = RequiredTool.Path("/usr/bin/python3", InstallLibtorrent);
        var result = await Command.RunAsync(python, ["-c", script, .. arguments], TestContext.Current.CancellationToken);
        return result.Error.Contains("No module named 'libtorrent'", StringComparison.Ordinal)
            ? throw new ToolMissingException("python3-libtorrent", InstallLibtorrent)
            : result.OrThrow().Output;
    }

    private static async Task<string> RunAsync(string tool, string install, params string[] arguments) =>
        (await Command.RunAsync(RequiredTool.Path(tool, install), arguments, TestContext.Current.CancellationToken)).OrThrow().Output;

    private static string Find(Regex line, string output)
    {
        var match = line.Match(output);
        match.Success.ShouldBeTrue(output);
        return match.Groups["hash"].Value;
    }

    [GeneratedRegex("^ *Hash: (?<hash>[0-9a-f]{40})$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HashLine();

    [GeneratedRegex("^Info Hash: (?<hash>[0-9a-f]{40})$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InfoHashLine();
}
