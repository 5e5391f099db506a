namespace Pier.Membership.Members;

/// <summary>A member as one node tells another of it, or keeps it on disk.</summary>
/// <param name="Record">What the member said of itself.</param>
/// <param name="Silence">How long ago the teller heard from it; a span, because clocks differ.</param>
internal sealed record MemberEntry(MemberRecord Record, TimeSpan Silence);
