using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.Sandbox.GitHub.Answers;

/// <summary>GitHub's <c>ETag</c>: different for each body and each credential.</summary>
internal static class EntityTag
{
    /// <summary>Writes the tag of <paramref name="body"/>, and returns whether the client already has it.</summary>
    public static bool Matches(HttpContext context, string body)
    {
        var bytes = Encoding.UTF8.GetBytes($"{context.Request.Headers.Authorization}\n{context.Request.Headers.Accept}\n{body}");
        var opaque = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"";
        var headers = context.Response.Headers;
        headers.ETag = "W/" + opaque;
        headers.CacheControl = "private, max-age=60, s-maxage=60";
        headers.Vary = "Accept, Authorization, Cookie, X-GitHub-OTP";

        // Weak comparison: only what is in quotes counts, https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3.2
        return context.Request.Headers.IfNoneMatch
            .SelectMany(value => (value ?? "").Split(','))
            .Select(one => one.Trim())
            .Any(one => one == "*" || string.Equals(Opaque(one), opaque, StringComparison.Ordinal));
    }

    private static string Opaque(string tag) => tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;
}
