using Pier.Content.Contracts;
using Pier.Distribution.Credentials;

namespace Pier.Fetch.Delivery;

/// <summary>What a fetch asks of sources now, and in whose name.</summary>
/// <param name="Request">The blob, under the repository in use.</param>
/// <param name="Login">The login of the client whose turn it is; null for this node's own.</param>
internal sealed record FetchErrand(BlobRequest Request, CallerLogin? Login);
