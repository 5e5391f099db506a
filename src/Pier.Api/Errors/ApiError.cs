namespace Pier.Api.Errors;

/// <summary>Why a request failed, as the wire tells it.</summary>
/// <param name="Code">One of <see cref="ApiErrorCodes"/>; programs decide by it.</param>
/// <param name="Message">What failed and where, for people.</param>
/// <param name="Hint">What to do about it, or null.</param>
public sealed record ApiError(string Code, string Message, string? Hint = null);
