using System.Formats.Tar;
using Pier.Content.Manifests;
using Pier.Store.Images;

namespace Pier.UnitTests.Fetch.Images;

/// <summary>What whiteouts hide (OCI image-spec, layer.md), and what that costs however a layer is made: counted in looks at paths, not in time.</summary>
public sealed class WhiteoutTests : LayerSetting
{
    private const int Many = 1000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_whiteout_hides_lower_layers_alone_before_or_after_what_its_own_layer_has(bool isFirst)
    {
        PaxTarEntry[] own = [Plain("d/new", "new"), Plain("d/deep/new", "new")];
        var layers = await LayersAsync(
            [Plain("d/old", "old"), Plain("d/deep/old", "old"), Plain("other", "other")],
            isFirst ? [Whiteout("d"), .. own] : [.. own, Whiteout("d")]);

        (await PathsAsync(layers)).ShouldBe(["", "d", "d/deep", "d/deep/new", "d/new", "other"]);
    }

    [Fact]
    public async Task A_file_in_a_folders_place_hides_what_lower_layers_had_below_it()
    {
        var layers = await LayersAsync([Plain("d/deep/old", "old"), Plain("e", "")], [Plain("d", "file")]);

        (await PathsAsync(layers)).ShouldBe(["", "d", "e"]);
    }

    [Theory]
    [InlineData(".wh.")]
    [InlineData(".wh...")]
    [InlineData("d/.wh...")]
    [InlineData(".wh.none")]
    [InlineData("none/.wh..wh..opq")]
    public async Task A_whiteout_of_nothing_hides_nothing(string whiteout)
    {
        var layers = await LayersAsync([Plain("d/old", "old")], [Plain(whiteout, "")]);

        (await PathsAsync(layers)).ShouldBe(["", "d", "d/old"]);
    }

    [Fact]
    public async Task Whiteouts_of_each_file_look_at_each_file() =>
        (await LooksAsync([.. Numbers.Select(number => Plain($"d/{number}", ""))], [.. Numbers.Select(number => Whiteout($"d/{number}"))]))
            .ShouldBeLessThan(8 * Many);

    [Fact]
    public async Task Whiteouts_of_what_is_not_there_do_not_look_at_what_is() =>
        (await LooksAsync([.. Numbers.Select(number => Plain($"d/{number}", ""))], [.. Numbers.Select(number => Whiteout($"d/none{number}"))]))
            .ShouldBeLessThan(8 * Many);

    [Fact]
    public async Task One_whiteout_a_thousand_times_looks_once() =>
        (await LooksAsync(
            [Plain("d/old", "")],
            [.. Numbers.Select(number => Plain($"d/{number}", "")), .. Numbers.Select(_ => Plain("d/.wh..wh..opq", "")), .. Numbers.Select(_ => Whiteout("d"))]))
            .ShouldBeLessThan(10 * Many);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whiteouts_along_a_deep_path_do_not_look_at_all_of_it_again(bool fromTheDeepest)
    {
        const int depth = 200;
        var folders = Enumerable.Range(1, depth).Select(length => string.Join('/', Enumerable.Repeat("d", length))).ToArray();
        var whiteouts = fromTheDeepest ? folders.Reverse() : folders;
        var looks = await LooksAsync([Plain($"{folders[^1]}/old", "")], [Plain($"{folders[^1]}/new", ""), .. whiteouts.Select(Whiteout)]);

        // A path of n folders is walked for each whiteout: what a tar takes to write it.
        looks.ShouldBeLessThan(((depth * depth) / 2) + (10 * depth));
    }

    private static IEnumerable<int> Numbers => Enumerable.Range(0, Many);

    private async Task<IReadOnlyList<string>> PathsAsync(IReadOnlyList<Descriptor> layers)
    {
        var files = await ImageFileSystem.ReadAsync(Store, layers, Token);
        var paths = files.Nodes.Select(node => node.Path).Order(StringComparer.Ordinal).ToArray();
        paths.ShouldAllBe(path => files.At(path) != null && files.Find(path) == files.At(path));
        return paths;
    }

    private async Task<long> LooksAsync(params TarEntry[][] layers) => (await ImageFileSystem.ReadAsync(Store, await LayersAsync(layers), Token)).Looks;
}
