namespace Pier.Membership.Holdings;

/// <summary>A moment in what a node holds.</summary>
/// <param name="Epoch">Drawn anew at each start of the node.</param>
/// <param name="Number">Grows with each change.</param>
internal readonly record struct HoldingsVersion(ulong Epoch, ulong Number);
