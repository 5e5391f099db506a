using System.Xml.Linq;

namespace Pier.UnitTests.House;

/// <summary>
/// Who may know whom: a project references lower floors only, never its own, so that no two rooms of a floor ever
/// depend on each other and every room can be read without those above it.
/// </summary>
public sealed class FloorTests
{
    private static readonly string[][] Floors =
    [
        /* 0, words    */ ["Pier.Content", "Pier.Api"],
        /* 1, engines  */ ["Pier.Store", "Pier.BitTorrent", "Pier.Ipfs", "Pier.Distribution", "Pier.Engines", "Pier.Membership"],
        /* 2, delivery */ ["Pier.Fetch"],
        /* 3, services */ ["Pier.Registry", "Pier.Volumes", "Pier.Sandbox", "Pier.Cluster"],
        /* 4, programs */ ["Pier.Daemon", "Pier.Cli", "Pier.Buildkit", "Pier.Dat", "Pier.Mountd"],
    ];

    public static TheoryData<string> Rooms => new(Tree.Rooms);

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_references_lower_floors_only(string room)
    {
        Offences(room, ProjectOf(room)).ShouldBeEmpty();
    }

    [Fact]
    public void The_lowest_floor_uses_no_packages_of_its_own() =>
        Floors[0].SelectMany(room => Elements(ProjectOf(room), "PackageReference").Select(package => $"{room} uses {package}")).ShouldBeEmpty();

    [Fact]
    public void The_rule_notices_an_offence()
    {
        var upwards = XDocument.Parse("""<Project><ItemGroup><ProjectReference Include="..\Pier.Content\Pier.Content.csproj" /><ProjectReference Include="../Pier.Fetch/Pier.Fetch.csproj" /></ItemGroup></Project>""");
        Offences("Pier.Store", upwards).ShouldBe(["Pier.Store (floor 1) references Pier.Fetch (floor 2)"]);
        Offences("Pier.Fetch", upwards).ShouldBe(["Pier.Fetch (floor 2) references Pier.Fetch (floor 2)"]);
        Should.Throw<InvalidOperationException>(() => FloorOf("Pier.Attic")).Message.ShouldContain("has no floor");
    }

    private static int FloorOf(string room)
    {
        var floor = Array.FindIndex(Floors, rooms => rooms.Contains(room));
        return floor >= 0 ? floor : throw new InvalidOperationException($"{room} has no floor: give it one in {nameof(FloorTests)}.");
    }

    private static IEnumerable<string> Offences(string room, XDocument project)
    {
        var floor = FloorOf(room);
        return Elements(project, "ProjectReference")
            .Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))
            .Where(target => FloorOf(target) >= floor)
            .Select(target => $"{room} (floor {floor}) references {target} (floor {FloorOf(target)})");
    }

    private static XDocument ProjectOf(string room) => XDocument.Load(Path.Combine(Tree.Root, "src", room, $"{room}.csproj"));

    private static IEnumerable<string> Elements(XDocument project, string name) =>
        project.Descendants(name).Select(element => (string?)element.Attribute("Include")).OfType<string>();
}
