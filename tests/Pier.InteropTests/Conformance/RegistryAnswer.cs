using System.Text.Json;

namespace Pier.InteropTests.Conformance;

/// <summary>A registry's answer, whole.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Headers">All headers, of the body too; several of a name joined by commas.</param>
/// <param name="Body">The body.</param>
internal sealed record RegistryAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>A header's value, or null.</summary>
    public string? this[string name] => Headers.GetValueOrDefault(name);

    /// <summary>The first error code of the body.</summary>
    public string? Code
    {
        get
        {
            using var document = Json();
            return document.RootElement.GetProperty("errors")[0].GetProperty("code").GetString();
        }
    }

    public JsonDocument Json() => JsonDocument.Parse(Body);

    /// <summary>Fails unless the status is this one; tells the body then.</summary>
    public RegistryAnswer Is(int status)
    {
        Status.ShouldBe(status, System.Text.Encoding.UTF8.GetString(Body));
        return this;
    }

    /// <summary>Fails unless status and code are these.</summary>
    public void IsError(int status, string code) => Is(status).Code.ShouldBe(code);
}
