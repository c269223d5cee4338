using System.Globalization;
using System.Text;

namespace TokenBroker.FaultTests.Fuzzing;

/// <summary>A request as bytes, which need not be one.</summary>
/// <param name="Method">The method, or what stands in its place.</param>
/// <param name="Target">Path and query.</param>
/// <param name="Authorization">The header's value; null for none.</param>
/// <param name="Headers">Lines more, each without its end.</param>
/// <param name="Body">The body; null for none.</param>
internal sealed record FuzzedRequest(string Method, string Target, string? Authorization, IReadOnlyList<string> Headers, byte[]? Body)
{
    /// <summary>What goes over the wire.</summary>
    public byte[] ToBytes(string host)
    {
        var head = new StringBuilder($"{Method} {Target} HTTP/1.1\r\nHost: {host}\r\n");
        if (Authorization is not null)
            head.Append("Authorization: ").Append(Authorization).Append("\r\n");
        foreach (var line in Headers)
            head.Append(line).Append("\r\n");
        if (Body is not null)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
        return [.. Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()), .. Body ?? []];
    }

    public override string ToString() =>
        $"{Method} {Target} [{Authorization?.Split(' ')[0]}] {string.Join(" | ", Headers)} ({Body?.Length ?? 0} bytes)";
}
