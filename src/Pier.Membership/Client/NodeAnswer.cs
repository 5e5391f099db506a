namespace Pier.Membership.Client;

/// <summary>A small answer, whole.</summary>
/// <param name="MediaType">Its Content-Type, or empty.</param>
/// <param name="Body">Its bytes.</param>
internal sealed record NodeAnswer(string MediaType, ReadOnlyMemory<byte> Body, bool IsPublic = false);
