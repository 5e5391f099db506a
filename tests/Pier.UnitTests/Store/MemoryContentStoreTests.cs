using Pier.Content.Contracts;
using Pier.TestKit.Stores;

namespace Pier.UnitTests.Store;

public sealed class MemoryContentStoreTests : ContentStoreConformance
{
    public MemoryContentStoreTests() => Store = new MemoryContentStore(Clock);

    protected override IContentStore Store { get; }
}
