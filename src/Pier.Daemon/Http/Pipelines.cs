using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Daemon.Listeners;

namespace Pier.Daemon.Http;

/// <summary>Sends each request to the endpoints of the listener it came by; one role never sees another's paths.</summary>
internal static class Pipelines
{
    /// <summary>Puts the roles' endpoints behind the host filter.</summary>
    public static void Map(
        WebApplication application, Action<IEndpointRouteBuilder> registry, Action<IEndpointRouteBuilder> control, Action<IEndpointRouteBuilder> driver)
    {
        var toRegistry = Branch(application.Services, branch => branch, registry);
        var toControl = Branch(application.Services, branch => branch.UseMiddleware<ErrorEdge>().UseMiddleware<UnsafeMethodGate>(), control);
        var toDriver = Branch(application.Services, branch => branch, driver);
        application.UseMiddleware<DrainGate>();
        application.UseMiddleware<HostFilter>();
        application.Run(context => context.Features.Get<ListenerFeature>()?.Role switch
        {
            ListenerRole.Registry => toRegistry(context),
            ListenerRole.Driver => toDriver(context),
            _ => toControl(context),
        });
    }

    /// <summary>A pipeline with a route table of its own.</summary>
    private static RequestDelegate Branch(
        IServiceProvider services, Func<IApplicationBuilder, IApplicationBuilder> before, Action<IEndpointRouteBuilder> endpoints) =>
        before(new ApplicationBuilder(services)).UseRouting().UseEndpoints(endpoints).Build();
}
