using Microsoft.AspNetCore.Http;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;
using Pier.Registry.Routing;

namespace Pier.Registry.Endpoints;

/// <summary>Turns pushes away with the way that works (design §3.1): a mirror takes nothing on behalf of others.</summary>
internal sealed class PushEndpoint(MirrorOptions options)
{
    public Task RefuseAsync(HttpContext context, RegistryPath path)
    {
        var ns = context.Request.Query["ns"].ToString();
        var repository = ns.Length == 0 ? RepositoryName.Parse(path.Name) : RepositoryName.Create(ns, path.Name);
        if (RepositoryChoice.IsLocal(repository, options))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            throw new RegistryRefusal(405, ErrorCodes.Unsupported,
                $"Pushes to {repository.Path} are not taken. Bring the image in as an OCI layout (docker save of Docker 25 or later, skopeo, buildx): pier import FILE");
        }

        throw new RegistryRefusal(403, ErrorCodes.Denied,
            $"This is a mirror and takes no pushes. Push to the registry itself: docker push {repository.Familiar}");
    }
}
