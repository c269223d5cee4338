using System.Net.Http.Headers;
using System.Text;

namespace TokenBroker.Authentication;

/// <summary>The JWT that a request carries. Nothing of it is verified.</summary>
internal sealed class PresentedToken
{
    /// <summary>The maximum length of a JWT: real ones have a tenth of it, and any client can make the broker parse one.</summary>
    public const int LongestJwt = 16 * 1024;

    private PresentedToken(string? text)
    {
        Text = text;
        Jwt = text is null || IsTooLong ? null : UnverifiedJwt.Read(text);
    }

    /// <summary>The token in the header; null if there is none.</summary>
    public string? Text { get; }

    /// <summary>Whether the token is longer than allowed, and therefore not parsed.</summary>
    public bool IsTooLong => Text?.Length > LongestJwt;

    /// <summary>The parsed token; null if it is not a JWT.</summary>
    public UnverifiedJwt? Jwt { get; }

    /// <summary>The request's token, parsed once per request.</summary>
    public static PresentedToken Of(HttpContext context)
    {
        if (context.Features.Get<PresentedToken>() is { } known)
            return known;
        var token = new PresentedToken(TextOf(context.Request));
        context.Features.Set(token);
        return token;
    }

    // Real clients send all three schemes, in any letter case. With Basic, the password is the JWT and the user name is ignored.
    private static string? TextOf(HttpRequest request)
    {
        if (request.Headers.Authorization.Count != 1 || !AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header))
            return null;
        return header.Scheme.ToUpperInvariant() switch
        {
            "BEARER" or "TOKEN" => header.Parameter?.Trim(),
            "BASIC" => PasswordOf(header.Parameter),
            _ => null,
        };
    }

    private static string? PasswordOf(string? parameter)
    {
        var buffer = new byte[parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(parameter ?? "", buffer, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2);
        return pair.Length == 2 ? pair[1] : null;
    }
}
