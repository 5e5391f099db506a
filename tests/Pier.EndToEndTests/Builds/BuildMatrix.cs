using Pier.TestKit.Engines;

namespace Pier.EndToEndTests.Builds;

/// <summary>The classes that share a <see cref="BuildSetting"/>; it is gone before other tests begin.</summary>
[CollectionDefinition(Name)]
public sealed class BuildTests : ICollectionFixture<BuildSetting>
{
    /// <summary>Their name.</summary>
    public const string Name = "builds";
}

/// <summary>Builds of Docker 28 or newer whose images lie in the classic store.</summary>
public sealed class ClassicBuildSetting() : BuildSetting(new DockerPlan { Programs = EnginePrograms.Newer, ContainerdStore = false });

/// <summary>Builds of Docker 28 or newer whose images lie in containerd's store.</summary>
public sealed class ContainerdBuildSetting() : BuildSetting(new DockerPlan { Programs = EnginePrograms.Newer, ContainerdStore = true });

/// <summary>The classes that share a <see cref="ClassicBuildSetting"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ClassicBuildTests : ICollectionFixture<ClassicBuildSetting>
{
    /// <summary>Their name.</summary>
    public const string Name = "builds, Docker 28, classic store";
}

/// <summary>The classes that share a <see cref="ContainerdBuildSetting"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ContainerdBuildTests : ICollectionFixture<ContainerdBuildSetting>
{
    /// <summary>Their name.</summary>
    public const string Name = "builds, Docker 28, containerd's store";
}
