using Pier.Simulation.Clock;
using Pier.Simulation.Network;
using Pier.Simulation.Nodes;
using Pier.Simulation.Results;

namespace Pier.Simulation.Scenarios;

/// <summary>Plays one scenario to its end.</summary>
internal sealed class ScenarioRun : IDisposable
{
    private readonly Scenario _scenario;
    private readonly SimulatedNetwork _network;
    private readonly SimulatedContent[] _contents;
    private readonly List<SimulatedNode> _seekers = [];
    private readonly Upstream? _upstream;
    private int _lost;

    private ScenarioRun(Scenario scenario)
    {
        _scenario = scenario;
        _network = new SimulatedNetwork(scenario.Network, scenario.Sizes.Count);
        _contents = [.. scenario.Sizes.Select((size, index) => new SimulatedContent($"blob-{index}", size))];
        _upstream = scenario.Upstream is { } rate ? new Upstream(_network, rate / HoldersOf(scenario) / scenario.Sizes.Count) : null;
    }

    /// <summary>Plays a scenario.</summary>
    public static SimulationResult Play(Scenario scenario)
    {
        using var run = new ScenarioRun(scenario);
        return run.Play();
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    private SimulationResult Play()
    {
        var began = TimeProvider.System.GetTimestamp();
        Populate();
        if (_scenario.CutAt is { } cut)
        {
            _network.Call(SimulatedTime.Of(cut), _network.Cut);
            _network.Call(SimulatedTime.Of(_scenario.HealsAt), _network.Heal);
        }

        if (_scenario.LossPerMinute > 0)
        {
            _network.Call(SimulatedTime.Second, Lose);
        }

        _network.Run(_scenario.Deadline);
        return SimulationResult.Of(_scenario, _network, _seekers, _lost, _upstream?.Sent, TimeProvider.System.GetElapsedTime(began));
    }

    private void Populate()
    {
        var usual = new NodePlan { Up = _scenario.Cap, Down = _scenario.Cap };
        if (_upstream is null)
        {
            _network.Add(usual with { IsOrigin = true, SuggestsSingly = _scenario.SuggestsSingly }, _contents);
        }

        // Liars say that they have everything; they stand among the others, as strangers would.
        var liarEvery = _scenario.Liars > 0 ? (int)Math.Round(1 / _scenario.Liars) : int.MaxValue;
        for (var index = 0; index < _scenario.Nodes; index++)
        {
            if (index % liarEvery == liarEvery - 1)
            {
                _network.Add(usual with { IsLiar = true }, _contents);
            }

            _seekers.Add(_network.Add(
                usual with
                {
                    Up = index == _scenario.Nodes / 2 ? _scenario.SlowUplink ?? usual.Up : usual.Up,
                    Arrives = _scenario.ArrivalSpan * index / _scenario.Nodes,
                    Turn = _upstream is null || index >= HoldersOf(_scenario) ? UpstreamTurn.None : (UpstreamTurn)(index + 1),
                    Vouches = _scenario.IsProvisional && index == 0,
                    Follows = _scenario.IsProvisional && index > 0 ? _seekers[0].EndPoint : null,
                },
                _contents));
        }

        if (_upstream is { } upstream)
        {
            _network.Call(SimulatedTime.Millisecond, () => _seekers[..HoldersOf(_scenario)].SelectMany(node => node.Swarms).ToList().ForEach(upstream.Fill));
        }
    }

    private static int HoldersOf(Scenario scenario) => scenario.IsProvisional ? 1 : 2;

    private void Lose()
    {
        // A lottery for each node that is up, whether it is complete or not.
        var chance = _scenario.LossPerMinute / 60;
        foreach (var node in _seekers)
        {
            if (node.IsUp && (_scenario.LosesHolders || node.Plan.Turn == UpstreamTurn.None) && _network.Random.NextDouble() < chance)
            {
                _network.Lose(node, silent: _lost++ % 2 == 0);
            }
        }

        _network.Call(SimulatedTime.Second, Lose);
    }
}
