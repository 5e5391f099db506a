namespace Pier.Dat;

/// <summary>What <c>--help</c> says.</summary>
internal static class DatUsage
{
    /// <summary>The text.</summary>
    public const string Text = """
        Usage: pierdat [-l|--list-backends] [-h|--help] URI DEST
               pierdat serve
               pierdat exec [--] [PROGRAM [ARGUMENT...]]

        Fetches what a URI names, from swarms or the web, and serves it to others from inside an image or a VM.

          URI DEST   fetches URI (magnet:?..., FILE.torrent, http(s)://....torrent, http(s)://..., oci://REGISTRY/REPO:TAG!/PATH)
                     to DEST: a file goes below DEST when that ends in / or is a folder, a folder's content goes below DEST; notes in
                     /etc/pier.dat how it is served
          serve      serves what /etc/pier.dat names, a line each, until it is told to stop
          exec       starts `pierdat serve` in the background and becomes PROGRAM: the same process id, terminal, user, exit code

        Examples:
          RUN pierdat 'magnet:?xt=urn:btih:...' /data/
          ENTRYPOINT ["pierdat", "exec", "--", "/usr/bin/program"]
          pierdat https://example.org/data.torrent /srv/data

        A line of /etc/pier.dat is `bittorrent TORRENT PATH`, or a program with its arguments, which is kept running.
        Environment: PIERDAT_PORT (peers connect there; 5056, or a free one), PIERDAT_FILE (/etc/pier.dat), PIERDAT_LOG
        (/var/log/pierdat.log), PIERDAT_DHT (off, or HOST:PORT of nodes to begin with), SSL_CERT_FILE (whom https trusts).

        """;
}
