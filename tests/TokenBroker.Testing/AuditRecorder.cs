using System.Text;
using System.Text.Json.Nodes;

namespace TokenBroker.Testing;

/// <summary>Takes audit events as standard output does, and like it can stop taking them, or fail.</summary>
internal sealed class AuditRecorder : TextWriter
{
    private readonly ManualResetEventSlim open = new(initialState: true);
    private readonly StringBuilder text = new();
    private int faults;

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>All that was written.</summary>
    public string Text
    {
        get
        {
            lock (text)
                return text.ToString();
        }
    }

    public IReadOnlyList<string> Lines => [.. Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    public IReadOnlyList<JsonObject> Events => [.. Lines.Select(line => JsonNode.Parse(line)!.AsObject())];

    /// <summary>The events of one kind, of which there must be so many.</summary>
    public async Task<IReadOnlyList<JsonObject>> EventsAsync(string name, int count)
    {
        await Eventually.IsTrueAsync(() => Of(name).Count >= count, $"{count} events {name} were written");
        var found = Of(name);
        Assert.True(found.Count == count, $"{count} events {name} were expected: {Text}");
        return found;
    }

    /// <summary>The event of the one exchange that there was.</summary>
    public async Task<JsonObject> ExchangeAsync() => (await EventsAsync("token-broker.audit", 1))[0];

    public void Stall() => open.Reset();

    public void Resume() => open.Set();

    /// <summary>Lets the next attempts to write fail after half of what was to be written.</summary>
    public void Fail(int times) => Volatile.Write(ref faults, times);

    public override void Write(string? value)
    {
        open.Wait();
        lock (text)
        {
            if (Volatile.Read(ref faults) > 0)
            {
                Interlocked.Decrement(ref faults);
                text.Append(value.AsSpan(0, value!.Length / 2));
                throw new IOException("No space left on device.");
            }

            text.Append(value);
        }
    }

    public override void Write(char value) => Write(value.ToString());

    private List<JsonObject> Of(string name) => [.. Events.Where(happened => (string?)happened["event"] == name)];
}
