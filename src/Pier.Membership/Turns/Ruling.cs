using Pier.Membership.Identity;

namespace Pier.Membership.Turns;

/// <summary>The referee's answer before ids are looked up: an empty <paramref name="Holder"/> means that the asker has a turn.</summary>
/// <param name="Holder">Whom to follow.</param>
/// <param name="IsDone">True when that member has sealed the blob.</param>
internal readonly record struct Ruling(NodeId Holder, bool IsDone)
{
    /// <summary>The asker fetches.</summary>
    public static Ruling Granted => default;

    /// <summary>True when the asker fetches.</summary>
    public bool IsGranted => Holder.IsEmpty;
}
