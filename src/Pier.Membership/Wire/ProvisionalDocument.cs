using System.Text.Json;
using Pier.Membership.Client;

namespace Pier.Membership.Wire;

/// <summary>An invitation to the pieces of a blob that still arrives.</summary>
internal sealed record ProvisionalDocument
{
    public required long Size { get; init; }

    public required byte[] Claim { get; init; }

    public required byte[] Name { get; init; }

    public required byte[] Key { get; init; }

    public static ProvisionalDocument Of(ProvisionalOffer offer) =>
        new() { Size = offer.Size, Claim = offer.Claim.ToArray(), Name = offer.Name.ToArray(), Key = offer.Key.ToArray() };

    /// <exception cref="JsonException">A field is out of its bounds.</exception>
    public ProvisionalOffer ToOffer() =>
        Size > 0 && Claim.Length == ProvisionalOffer.ClaimSize && Name.Length is > 0 and <= ProvisionalOffer.MaxNameSize && Key.Length == ProvisionalOffer.KeySize
            ? new ProvisionalOffer(Size, Claim, Name, Key)
            : throw new JsonException("size, claim, name and key are not those of an invitation.");

    /// <summary>No secret.</summary>
    public override string ToString() => $"invitation to {Size} bytes";
}
