namespace Pier.InteropTests.Conformance;

/// <summary>All checks of the suite share the two registries.</summary>
[CollectionDefinition(Name)]
public sealed class RegistriesCollection : ICollectionFixture<Registries>
{
    public const string Name = "conformance";
}
