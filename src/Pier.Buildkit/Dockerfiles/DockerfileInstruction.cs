namespace Pier.Buildkit.Dockerfiles;

/// <summary>One instruction as BuildKit's parser sees it: continued lines joined, comments between them left out.</summary>
/// <param name="Text">The joined text, without leading white space.</param>
/// <param name="Line">Its first physical line, counted from 1.</param>
/// <param name="EndLine">Its last physical line, here-documents not counted.</param>
public sealed record DockerfileInstruction(string Text, int Line, int EndLine)
{
    /// <summary>The instruction's word as written.</summary>
    public string Word => Text[..WordLength];

    /// <summary>What follows the word.</summary>
    public string Arguments => Text[WordLength..].Trim();

    private int WordLength
    {
        get
        {
            var end = Text.AsSpan().IndexOfAny(DockerfileScanner.Blanks);
            return end < 0 ? Text.Length : end;
        }
    }

    /// <summary>True when the word is this one; Dockerfiles know no case.</summary>
    public bool Is(string word) => Word.Equals(word, StringComparison.OrdinalIgnoreCase);
}
