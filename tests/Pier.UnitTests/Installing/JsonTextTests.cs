using System.Text;
using Pier.Engines.Texts;

namespace Pier.UnitTests.Installing;

/// <summary>Changes in JSON text leave every other byte alone.</summary>
public sealed class JsonTextTests
{
    private const string Member = "registry-mirrors";
    private const string Pier = "http://127.0.0.1:5055";

    [Theory]
    [InlineData("", "{\n  \"registry-mirrors\": [\n    \"http://127.0.0.1:5055\"\n  ]\n}\n")]
    [InlineData("{}", "{\"registry-mirrors\": [\"http://127.0.0.1:5055\"]}")]
    [InlineData("{\n}\n", "{\n  \"registry-mirrors\": [\"http://127.0.0.1:5055\"]\n}\n")]
    [InlineData("{\"debug\":true}", "{\"registry-mirrors\": [\"http://127.0.0.1:5055\"], \"debug\":true}")]
    [InlineData("{ \"debug\": true }", "{ \"registry-mirrors\": [\"http://127.0.0.1:5055\"], \"debug\": true }")]
    [InlineData("{\n\t\"debug\": true\n}", "{\n\t\"registry-mirrors\": [\"http://127.0.0.1:5055\"],\n\t\"debug\": true\n}")]
    [InlineData("{\"registry-mirrors\": []}", "{\"registry-mirrors\": [\"http://127.0.0.1:5055\"]}")]
    [InlineData("{\"registry-mirrors\":[\"https://a\"]}", "{\"registry-mirrors\":[\"http://127.0.0.1:5055\", \"https://a\"]}")]
    [InlineData("{\n  \"registry-mirrors\": [\n    \"https://a\"\n  ]\n}", "{\n  \"registry-mirrors\": [\n    \"http://127.0.0.1:5055\",\n    \"https://a\"\n  ]\n}")]
    [InlineData("\uFEFF{\"a\": {\"registry-mirrors\": 1}}", "\uFEFF{\"registry-mirrors\": [\"http://127.0.0.1:5055\"], \"a\": {\"registry-mirrors\": 1}}")]
    public void A_string_goes_in_front_and_comes_out_again(string before, string after)
    {
        var made = JsonText.Prepend(Encoding.UTF8.GetBytes(before), Member, Pier);

        Encoding.UTF8.GetString(made).ShouldBe(after);
        JsonText.List(made, Member).ShouldNotBeNull()[0].ShouldBe(Pier);
        var had = !string.IsNullOrEmpty(before) && JsonText.List(Encoding.UTF8.GetBytes(before), Member) is not null;
        var undone = JsonText.Remove(made, Member, Pier, alsoEmptyList: !had);
        var list = JsonText.List(undone, Member);
        (list ?? []).ShouldNotContain(Pier);
        (list is not null).ShouldBe(had);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{} x")]
    [InlineData("{\"registry-mirrors\": \"https://a\"}")]
    [InlineData("{\"registry-mirrors\": [1]}")]
    [InlineData("{\"registry-mirrors\": [], \"registry-mirrors\": []}")]
    [InlineData("// comments are no JSON\n{}")]
    [InlineData("debug = true")]
    public void What_is_not_understood_is_refused(string text) =>
        Should.Throw<FormatException>(() => JsonText.Prepend(Encoding.UTF8.GetBytes(text), Member, Pier));

    [Fact]
    public void Random_damage_is_refused_or_leaves_valid_text()
    {
        var random = new Random(4);
        var seed = Encoding.UTF8.GetBytes("{\n  \"debug\": true,\n  \"registry-mirrors\": [\"https://a\", \"b\\u0041\"],\n  \"x\": {\"y\": [1, null]}\n}\n");
        for (var round = 0; round < 3000; round++)
        {
            var text = seed.ToArray();
            for (var hits = random.Next(1, 4); hits > 0; hits--)
            {
                text[random.Next(text.Length)] = (byte)random.Next(256);
            }
            try
            {
                JsonText.List(JsonText.Prepend(text, Member, Pier), Member).ShouldNotBeNull()[0].ShouldBe(Pier);
            }
            catch (FormatException)
            {
                // Refused: what it is for.
            }
        }
    }
}
