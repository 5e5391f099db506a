using Pier.Api.Progress;
using Pier.Daemon.Nodes;
using Pier.Fetch.Status;

namespace Pier.Daemon.Progress;

/// <summary>Notes delivery's reports on the board, in the words of the control contract.</summary>
internal sealed class BoardProgress(ProgressBoard board) : IProgress<PartProgress>
{
    /// <inheritdoc/>
    public void Report(PartProgress value) => board.Set(new ProgressItem(
        value.Id,
        value.Label,
        value.State switch
        {
            PartState.Waiting => ProgressState.Waiting,
            PartState.Running => ProgressState.Running,
            PartState.Held => ProgressState.Held,
            _ => ProgressState.Done,
        },
        value.Total,
        value.Done,
        StatusRecords.Sources(value.Sources)));
}
