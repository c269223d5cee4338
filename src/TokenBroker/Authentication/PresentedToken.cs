using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Authentication;

/// <summary>
/// The JWT that a request carries, as it describes itself. Nothing of this is verified: it only chooses who verifies.
/// </summary>
internal sealed class PresentedToken
{
    private static readonly JsonWebTokenHandler Reader = new();

    private PresentedToken(string? text, JsonWebToken? jwt)
    {
        Text = text;
        Jwt = jwt;
    }

    /// <summary>What stands in the header; null if there is nothing.</summary>
    public string? Text { get; }

    /// <summary>The JWT that it reads as; null if it is none.</summary>
    public JsonWebToken? Jwt { get; }

    /// <summary>The request's token, read once.</summary>
    public static PresentedToken Of(HttpContext context)
    {
        if (context.Features.Get<PresentedToken>() is { } known)
            return known;
        var text = TextOf(context.Request);
        var token = new PresentedToken(text, text is null ? null : Read(text));
        context.Features.Set(token);
        return token;
    }

    /// <summary>Whether the header says something that must be understood and is not; the library ignores it. So it does with one that changes what is signed.</summary>
    // See https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11 and https://www.rfc-editor.org/rfc/rfc7797#section-3
    public static bool ChangesMeaning(JsonWebToken jwt) => jwt.TryGetHeaderValue<object?>("crit", out _) || jwt.TryGetHeaderValue<object?>("b64", out _);

    // Real clients send all three schemes, in any letter case; of Basic the password is the JWT and the name is ignored.
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

    private static JsonWebToken? Read(string text)
    {
        try
        {
            if (!Reader.CanReadToken(text))
                return null;
            var jwt = Reader.ReadJsonWebToken(text);

            // The library takes the last of two members of one name, and no notice of what follows; another reader of the same header may.
            _ = JsonElement.Parse(Base64UrlEncoder.DecodeBytes(jwt.EncodedHeader), Caller.Strict);
            return jwt.IsEncrypted ? null : jwt;
        }
        catch (Exception)
        {
            // A stranger's text makes the reader throw in more ways than it documents; every one of them means that this is no JWT.
            return null;
        }
    }
}
