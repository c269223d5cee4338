using System.Collections;
using System.ComponentModel;
using System.Globalization;

namespace TokenBroker.Configuration;

/// <summary>
/// Compares a configuration section with its options: unknown keys, and values of the wrong type. The framework's binder stops at the first
/// such fault; this finds them all.
/// </summary>
internal static class StrictSection
{
    private const string Empty = "is empty: leave it out, or give it a value.";

    private static readonly string[] Times =
        [.. new[] { @"h\:mm\:ss", @"h\:mm\:ss\.FFFFFFF" }.SelectMany(time => new[] { time, @"d\." + time })];

    /// <summary>Every key that cannot be bound, and why.</summary>
    public static IReadOnlyDictionary<string, string> FindFaults(IConfigurationSection section, Type optionsType)
    {
        var faults = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Walk(section, optionsType, faults);
        return faults;
    }

    /// <summary>The section without its faulty keys, which the binder accepts.</summary>
    public static IConfiguration Without(IConfigurationSection section, IReadOnlyDictionary<string, string> faults)
    {
        var sound = section.AsEnumerable(makePathsRelative: true).Where(pair =>
            !faults.Keys.Any(key => IsUnder($"{section.Path}:{pair.Key}", key)));
        return new ConfigurationBuilder().AddInMemoryCollection(sound).Build();
    }

    private static bool IsUnder(string path, string key) =>
        path.StartsWith(key, StringComparison.OrdinalIgnoreCase) && (path.Length == key.Length || path[key.Length] == ':');

    private static void Walk(IConfigurationSection section, Type type, Dictionary<string, string> faults)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (IsValue(type))
            CheckValue(section, type, faults);
        else if (!string.IsNullOrEmpty(section.Value))
            faults[section.Path] = "must not be a single value.";
        else if (ElementType(type, typeof(IDictionary)) is { } valueType)
            WalkChildren(section, _ => valueType, faults);
        else if (ElementType(type, typeof(IList)) is { } itemType)
            WalkChildren(
                section,
                key => int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? itemType : null,
                faults);
        else
            WalkChildren(section, key => Property(type, key), faults);
    }

    private static void WalkChildren(IConfigurationSection section, Func<string, Type?> typeOf, Dictionary<string, string> faults)
    {
        foreach (var child in section.GetChildren())
        {
            if (typeOf(child.Key) is not { } type)
                faults[child.Path] = "is not a known key.";
            else if (!IsGiven(child, type))
                faults[child.Path] = Empty;
            else
                Walk(child, type, faults);
        }
    }

    private static void CheckValue(IConfigurationSection section, Type type, Dictionary<string, string> faults)
    {
        // The binder turns null into 0 and false, and an empty limit often means no limit.
        if (section.GetChildren().Any())
            faults[section.Path] = "must be a single value.";
        else if (section.Value is null)
            faults[section.Path] = Empty;
        else if (section.Value is { Length: > 0 } value && !IsOf(type, value))
            faults[section.Path] = $"must be {Describe(type)}.";
        else if (section.Value is "" && type != typeof(string))
            faults[section.Path] = $"must be {Describe(type)}, and is empty.";
    }

    // .NET reads a number alone as days, 24:00:00 as 24 days, and 15:00 as hours: a limit meant for minutes would last for months.
    // See https://learn.microsoft.com/dotnet/api/system.timespan.parse
    private static bool IsOf(Type type, string value) => type == typeof(TimeSpan)
        ? TimeSpan.TryParseExact(value.StartsWith('-') ? value[1..] : value, Times, CultureInfo.InvariantCulture, out _)
        : TypeDescriptor.GetConverter(type).IsValid(value);

    // The binder ignores an empty object, and a missing object often means no limit.
    private static bool IsGiven(IConfigurationSection section, Type type) =>
        IsValue(Nullable.GetUnderlyingType(type) ?? type)
        || type.IsGenericType
        || !string.IsNullOrEmpty(section.Value)
        || section.GetChildren().Any();

    private static bool IsValue(Type type) => type == typeof(string) || type.IsPrimitive || type.IsEnum || type == typeof(TimeSpan);

    private static Type? ElementType(Type type, Type kind) =>
        type.IsGenericType && kind.IsAssignableFrom(type) ? type.GetGenericArguments()[^1] : null;

    private static Type? Property(Type type, string key) =>
        Array.Find(type.GetProperties(), property => property.Name.Equals(key, StringComparison.OrdinalIgnoreCase))?.PropertyType;

    private static string Describe(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => "true or false",
        TypeCode.Int32 or TypeCode.Int64 => "a whole number",
        _ when type == typeof(TimeSpan) => "a time as hh:mm:ss, with a day as 1.00:00:00",
        _ => "a " + type.Name,
    };
}
