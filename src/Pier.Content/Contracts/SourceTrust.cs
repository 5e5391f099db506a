namespace Pier.Content.Contracts;

/// <summary>When bytes of a source may be shown to a reader (design §3.6).</summary>
public enum SourceTrust
{
    /// <summary>A stranger's metainfo: nothing is readable before the seal.</summary>
    AfterSeal,

    /// <summary>The upstream itself, a vouching member, or pieces proved under a vouched info-hash: readable at once.</summary>
    AtOnce,
}
