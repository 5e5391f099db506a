namespace Pier.Registry.Errors;

/// <summary>A request that this door itself refuses, with the answer to give.</summary>
/// <param name="status">HTTP status; never 408 or 429, which containerd repeats on the same host without a pause.</param>
/// <param name="code">Error code of the OCI distribution-spec.</param>
/// <param name="message">For people: what is wrong and what to do.</param>
internal sealed class RegistryRefusal(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;
}
