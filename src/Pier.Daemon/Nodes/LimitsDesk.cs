using Pier.Api.Limits;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms;
using Pier.Daemon.Http;
using Pier.Daemon.Options;

namespace Pier.Daemon.Nodes;

/// <summary>Shows and changes the engine's limits, in the words of the control contract. Changes last until the daemon ends.</summary>
internal sealed class LimitsDesk(BitTorrentEngine engine, SwarmNames names, DaemonOptions options)
{
    private readonly Lock _changing = new();

    /// <summary>The limits of now.</summary>
    public LimitsStatus Status()
    {
        var limits = engine.Limits;
        return new LimitsStatus(
            Values(limits.All), Values(limits.SameHost), Values(limits.Cluster), Values(limits.SameSubnet), Values(limits.World), Values(limits.Torrent),
            Values(options.SeedingGoal),
            [.. engine.Swarms.Where(HasOwn).Select(swarm => new TorrentLimits(
                swarm.Id.Primary.ToString(), swarm.Metainfo?.Name ?? swarm.Id.ToString(), Values(swarm.Limits),
                swarm.Priority switch { SwarmPriority.High => "high", SwarmPriority.Background => "background", _ => "normal" },
                Values(swarm.SeedingGoal)))]);
    }

    /// <summary>Changes what the request says.</summary>
    /// <exception cref="ControlException">It cannot be.</exception>
    public void Change(LimitsChange change)
    {
        try
        {
            lock (_changing)
            {
                if (LimitOptions.Scopes.Contains(change.Scope, StringComparer.Ordinal))
                {
                    ChangeScope(change);
                }
                else
                {
                    ChangeTorrent(change);
                }
            }
        }
        catch (ConfigurationException wrong)
        {
            throw ControlException.BadRequest(wrong.Message);
        }
    }

    private void ChangeScope(LimitsChange change)
    {
        if (change.Priority is not null || change.Ratio is not null || change.Time is not null)
        {
            throw ControlException.BadRequest("Priority and seeding goal belong to one torrent: name its info-hash instead of " + change.Scope + ".");
        }
        engine.Limits = LimitOptions.Change(
            engine.Limits, change.Scope, values => LimitOptions.Change(values, change.Down, change.Up, change.Connections, change.Scope));
    }

    private void ChangeTorrent(LimitsChange change)
    {
        if (names.Find(change.Scope) is not { } swarm)
        {
            throw names.Resting(change.Scope) is [var resting, ..]
                ? ControlException.Conflict(
                    $"'{resting.Name}' rests until a peer comes and has no limits of its own.", "Those of 'torrent' hold for each torrent, this one included.")
                : ControlException.NotFound(
                    $"'{change.Scope}' is no torrent of this node, nor one of {string.Join(", ", LimitOptions.Scopes)}.", "See 'pier swarm ls'.");
        }
        var limits = LimitOptions.Change(swarm.Limits, change.Down, change.Up, change.Connections, change.Scope);
        var goal = LimitOptions.Change(swarm.SeedingGoal, change.Ratio, change.Time);
        var priority = change.Priority switch
        {
            null => swarm.Priority,
            "normal" => SwarmPriority.Normal,
            "high" => SwarmPriority.High,
            "background" => SwarmPriority.Background,
            var other => throw ControlException.BadRequest($"'{other}' is not one of normal, high, background."),
        };
        (swarm.Limits, swarm.SeedingGoal, swarm.Priority) = (limits, goal, priority);
    }

    private bool HasOwn(Swarm swarm) =>
        swarm.Limits != TransferLimits.None || swarm.Priority != SwarmPriority.Normal || swarm.SeedingGoal != options.SeedingGoal;

    private static LimitValues Values(TransferLimits limits) => new(limits.Down, limits.Up, limits.Connections);

    private static SeedingValues Values(SeedingGoal goal) => new(goal.Ratio, (long?)goal.Time?.TotalSeconds);
}
