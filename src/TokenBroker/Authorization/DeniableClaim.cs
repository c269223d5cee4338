using System.Text.Json;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>
/// What a deny rule finds of a claim. Where its pointer meets an array, each object in it is looked into; what cannot be looked into or compared
/// leaves a doubt: a scalar before the pointer's end, an array in an array, an object at the end.
/// </summary>
/// <param name="Texts">The texts of strings and booleans, and of numbers as they were written.</param>
/// <param name="Numbers">The numbers among them, so written that equal ones are equal texts.</param>
/// <param name="IsInDoubt">Whether there is something that cannot be looked into or compared.</param>
/// <param name="IsMissing">Whether the JWT says nothing there: a null says nothing.</param>
internal sealed record DeniableClaim(IReadOnlyList<string> Texts, IReadOnlyList<string> Numbers, bool IsInDoubt, bool IsMissing)
{
    /// <summary>Looks for a claim in a JWT's payload.</summary>
    public static DeniableClaim Find(ClaimPointer claim, JsonElement payload)
    {
        var search = new Search(claim.Segments);
        search.LookInto(payload, depth: 0);
        return new([.. search.Texts], [.. search.Numbers], search.IsInDoubt, search.IsMissing);
    }

    private sealed class Search(IReadOnlyList<string> segments)
    {
        public HashSet<string> Texts { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Numbers { get; } = new(StringComparer.Ordinal);

        public bool IsInDoubt { get; private set; }

        public bool IsMissing { get; private set; } = true;

        public void LookInto(JsonElement element, int depth)
        {
            if (depth == segments.Count)
                ReadEnd(element);
            else if (element.ValueKind == JsonValueKind.Object)
                LookIntoMember(element, depth);
            else if (element.ValueKind == JsonValueKind.Array)
                LookIntoArray(element, depth);
            else if (element.ValueKind != JsonValueKind.Null)
                Doubt();
        }

        private void LookIntoMember(JsonElement element, int depth)
        {
            if (element.TryGetProperty(segments[depth], out var member))
                LookInto(member, depth + 1);
        }

        // A number may be the place of an element, or a name in each.
        private void LookIntoArray(JsonElement array, int depth)
        {
            var isPlace = ClaimPointer.IsIndex(segments[depth], out var place);
            if (isPlace && place < array.GetArrayLength())
                LookInto(array[place], depth + 1);
            foreach (var element in array.EnumerateArray())
            {
                if (element.ValueKind == JsonValueKind.Object)
                    LookIntoMember(element, depth);
                else if (!isPlace && element.ValueKind != JsonValueKind.Null)
                    Doubt();
            }
        }

        private void ReadEnd(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                Read(value);
                return;
            }

            // An empty array is there, and has nothing to deny.
            IsMissing = false;
            foreach (var element in value.EnumerateArray())
            {
                if (element.ValueKind == JsonValueKind.Array)
                    Doubt();
                else
                    Read(element);
            }
        }

        private void Read(JsonElement value)
        {
            IsMissing &= value.ValueKind == JsonValueKind.Null;
            if (value.ValueKind == JsonValueKind.Object)
                Doubt();
            else if (CallerClaims.TextOf(value) is { } text)
                Texts.Add(text);
            if (value.ValueKind == JsonValueKind.Number && NumberText.Normalize(value.GetRawText()) is { } number)
                Numbers.Add(number);
        }

        private void Doubt()
        {
            IsInDoubt = true;
            IsMissing = false;
        }
    }
}
