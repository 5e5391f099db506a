namespace Pier.InteropTests.Conformance;

/// <summary>What the classes of checks share.</summary>
[Collection(RegistriesCollection.Name)]
public abstract class ConformanceSetting(Registries registries)
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Runs a check; where the registry is known to deviate, it must fail, so that the list of deviations stays true.</summary>
    private protected async Task CheckAsync(string on, string? deviation, Func<RegistryUnderTest, Task> check)
    {
        using var registry = registries.Fresh(on);
        if (deviation is null)
        {
            await check(registry);
            return;
        }

        try
        {
            await check(registry);
        }
        catch (Exception e) when (e is ShouldAssertException or HttpRequestException or InvalidOperationException)
        {
            return;
        }

        Assert.Fail($"{on} was said to deviate: {deviation}");
    }
}
