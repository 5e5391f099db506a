using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Llb;

/// <summary>One operation of LLB over others.</summary>
/// <param name="Op">What it does; its inputs are filled in when the definition is made.</param>
/// <param name="Title">What the build's output calls it.</param>
/// <param name="Inputs">What it works on.</param>
internal sealed record LlbNode(Op Op, string Title, params LlbNode[] Inputs);
