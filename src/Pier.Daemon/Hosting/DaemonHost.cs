using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Daemon.Http;
using Pier.Daemon.Listeners;
using Pier.Daemon.Logging;
using Pier.Daemon.Nodes;
using Pier.Daemon.Options;
using Pier.Store.Disk;

namespace Pier.Daemon.Hosting;

/// <summary>One daemon from its _state folder's lock to its last log line.</summary>
internal sealed class DaemonHost : IAsyncDisposable
{
    /// <summary>Requests get the first second (<see cref="Drain"/>), the rooms' loops the rest; together under 5 s.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Bytes that a response may keep in memory before its writer waits (facts/engines.md, "Kestrel and large bodies").</summary>
    private const long MaxResponseBuffer = 4 << 20;

    private readonly WebApplication _application;
    private readonly DaemonOptions _options;
    private readonly ListenerPlan _plan;
    private readonly StateFolder _state;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly long _created;
    private string? _noDriver;

    private DaemonHost(WebApplication application, DaemonOptions options, ListenerPlan plan, StateFolder state, TimeProvider clock, long created)
    {
        _application = application;
        _options = options;
        _plan = plan;
        _state = state;
        _clock = clock;
        _created = created;
        _logger = application.Services.GetRequiredService<ILogger<DaemonHost>>();
    }

    /// <summary>The rooms' services, for tests.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>Takes the state folder, checks every port, and composes the rooms; nothing listens yet.</summary>
    /// <exception cref="DaemonStartException">Something stands in the way; the message says what to do.</exception>
    public static DaemonHost Create(DaemonOptions options, TimeProvider clock)
    {
        var created = clock.GetTimestamp();
        options = SecondDaemon.Settle(options);
        var state = OpenState(options.State);
        try
        {
            var plan = ListenerPlan.Create(options, peersBeyondLoopback: Composition.ServesOthers(options, state));
            PortCheck.Try(plan.All);
            ControlSocket.Prepare(options.Socket);
            var problem = DriverSocket.Prepare(options.VolumeDriver);
            options = problem is null ? options : options with { VolumeDriver = null };
            return new DaemonHost(Build(options, plan, state, clock), options, plan, state, clock, created) { _noDriver = problem };
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>Starts, and returns when the daemon has been asked to stop and has stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        long asked = 0;
        using var stopping = _application.Lifetime.ApplicationStopping.Register(() =>
        {
            asked = _clock.GetTimestamp();
            _logger.Stopping();
        });
        await _application.WaitForShutdownAsync(cancellationToken);
        _logger.Stopped(_clock.GetElapsedTime(asked).TotalSeconds);
    }

    /// <summary>Opens every door and starts every loop.</summary>
    /// <exception cref="DaemonStartException">A port was taken since it was checked, or the cluster refused this node.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _logger.Starting(DaemonVersion.Text, _state.Path);
        try
        {
            await _application.StartAsync(cancellationToken);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            // Somebody was faster than our check: look again to name them.
            PortCheck.Try(_plan.All);
            throw new DaemonStartException(ExitCode.PortTaken, taken.Message, "Start again, or choose other ports (pierd --help).", taken);
        }
        catch (Exception refused) when (StartRefusals.Knows(refused))
        {
            throw StartRefusals.Tell(refused, _options);
        }
        ControlSocket.Open(_options.Socket);
        if (_options.VolumeDriver is { } driver)
        {
            DriverSocket.Close(driver);
            _logger.Listening("volume driver", driver);
        }
        else if (_noDriver is { } problem)
        {
            _logger.NoDriver(problem);
        }
        foreach (var door in _plan.Missing)
        {
            _logger.AddressMissing(door.Role, door.Address.ToString());
        }
        foreach (var door in _plan.All)
        {
            if (door.BeyondLoopback)
            {
                _logger.ListeningBeyondLoopback(door.Role, door.Address.ToString());
            }
            else
            {
                _logger.Listening(door.Role, door.Address.ToString());
            }
        }
        _logger.Listening("socket", _options.Socket);
        if (_options.VolumesOnly == VolumesOnly.On)
        {
            _logger.VolumesOnly();
        }
        _application.Services.GetRequiredService<StatusReport>().StartedAt = _clock.GetUtcNow();
        _logger.Ready(_clock.GetElapsedTime(_created).TotalSeconds);
    }

    /// <summary>Ends transfers and loops; returns when nothing runs any more.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _application.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _state.Dispose();
        File.Delete(_options.Socket);
        if (_options.VolumeDriver is { } driver)
        {
            File.Delete(driver);
        }
    }

    private static StateFolder OpenState(string path)
    {
        try
        {
            return StateFolder.Open(path);
        }
        catch (StateFolderException refused)
        {
            throw new DaemonStartException(
                refused.IsInUse ? ExitCode.StateInUse : ExitCode.StateUnusable,
                refused.Message,
                refused.IsInUse ? "One pierd per state folder: two would spoil each other's files." : "The owner of the folder must be the user that runs pierd.",
                refused);
        }
    }

    private static WebApplication Build(DaemonOptions options, ListenerPlan plan, StateFolder state, TimeProvider clock)
    {
        // Empty: no settings from the working folder or from ASPNETCORE_ variables can open a door.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "pierd", ContentRootPath = state.Path });
        builder.Logging.SetMinimumLevel(options.LogLevel);
        builder.Logging.AddFilter("Microsoft", options.LogLevel < LogLevel.Information ? LogLevel.Information : LogLevel.Warning);
        if (options.TrackerKeys.Count > 0)
        {
            // At low levels it writes each request's path, in which an announce has its key.
            builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        }
        builder.Logging.AddPierConsole(options.LogJson);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            Listen(kestrel, options, plan);
            ListenTls(kestrel, options, plan, state, clock);
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        builder.Services.AddSingleton(clock);
        Composition.AddRooms(builder.Services, options, plan, state);
        builder.Services.AddHostedService<ServiceNotifier>();

        var application = builder.Build();
        Pipelines.Map(application, Composition.MapRegistry, Composition.MapControl, Composition.MapDriver);
        return application;
    }

    private static void Listen(KestrelServerOptions kestrel, DaemonOptions options, ListenerPlan plan)
    {
        kestrel.AddServerHeader = false;
        // Pier has its own stall rule; an engine that unpacks slowly is not one to cut off (design §8).
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MaxResponseBufferSize = MaxResponseBuffer;
        foreach (var door in plan.Registry)
        {
            kestrel.Listen(door.Address, listen => Tag(listen, ListenerRole.Registry));
        }
        kestrel.Listen(plan.Control.Address, listen => Tag(listen, ListenerRole.Control));
        kestrel.ListenUnixSocket(options.Socket, listen => Tag(listen, ListenerRole.Socket));
        if (options.VolumeDriver is { } driver)
        {
            kestrel.ListenUnixSocket(driver, listen => Tag(listen, ListenerRole.Driver));
        }
    }

    private static void ListenTls(KestrelServerOptions kestrel, DaemonOptions options, ListenerPlan plan, StateFolder state, TimeProvider clock)
    {
        if (plan.RegistryTls.Count == 0)
        {
            return;
        }
        var (leaf, chain) = DoorCertificate.Load(options, state, clock.GetUtcNow());
        foreach (var door in plan.RegistryTls)
        {
            kestrel.Listen(door.Address, listen =>
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = leaf, ServerCertificateChain = chain });
                Tag(listen, ListenerRole.Registry);
            });
        }
    }

    private static void Tag(ListenOptions listen, ListenerRole role)
    {
        listen.Protocols = HttpProtocols.Http1;
        var feature = new ListenerFeature(role);
        listen.Use(next => connection =>
        {
            connection.Features.Set(feature);
            return next(connection);
        });
    }
}
