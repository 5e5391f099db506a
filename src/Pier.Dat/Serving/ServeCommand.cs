using Pier.BitTorrent.Engine;
using Pier.Dat.Exec;

namespace Pier.Dat.Serving;

/// <summary><c>pierdat serve</c>: each line of the list is kept going until SIGTERM; then all have ended within ten seconds.</summary>
internal sealed class ServeCommand(DatSettings settings, TimeProvider time)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="DatException">There is no list.</exception>
    public async Task<int> RunAsync(DatArguments.Serve command, CancellationToken cancellationToken)
    {
        if (command.WithParent && !Posix.DieWithParent())
        {
            throw new DatException("The kernel does not tell when the program ends that this one serves beside.");
        }

        var lines = ServeList.Read(settings.ListFile);
        var watchdog = new Watchdog(time, Say);
        await using var engine = lines.Any(line => line.IsTorrent) ? await OpenAsync(cancellationToken) : null;
        await Task.WhenAll(lines.Select(line => watchdog.KeepAsync(
            line.ToString(),
            line.IsTorrent
                ? cancel => new TorrentService(engine!, Say).RunAsync(line, time, cancel)
                : cancel => ProgramService.RunAsync(line, time, cancel),
            cancellationToken)));
        return 0;
    }

    private async Task<BitTorrentEngine> OpenAsync(CancellationToken cancellationToken)
    {
        var engine = await PeerEngine.StartAsync(settings, settings.Port, time, cancellationToken);
        Say($"peers connect at port {engine.ListenEndPoint.Port}");
        return engine;
    }

    private void Say(string text) => Console.Out.WriteLine($"{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'} {text}");
}
