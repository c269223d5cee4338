using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace TokenBroker.Configuration;

/// <summary>The bounds of a time, both included. For numbers, see <see cref="RangeAttribute"/>.</summary>
/// <param name="minimum">The least, as <c>hh:mm:ss</c>.</param>
/// <param name="maximum">The most, as <c>hh:mm:ss</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimeRangeAttribute(string minimum, string maximum) : Attribute
{
    public string Minimum { get; } = minimum;

    public string Maximum { get; } = maximum;

    public bool Contains(TimeSpan time) =>
        time >= TimeSpan.Parse(Minimum, CultureInfo.InvariantCulture) && time <= TimeSpan.Parse(Maximum, CultureInfo.InvariantCulture);
}

/// <summary>
/// Finds options outside the bounds that their attributes state. The attributes are the only place of the bounds: the configuration's
/// schema is written from them too.
/// </summary>
internal static class OptionBounds
{
    /// <summary>Every value out of bounds, with its full key.</summary>
    public static IEnumerable<string> FindFaults(object options, string key) => options switch
    {
        IDictionary entries => entries.Keys.Cast<object>().SelectMany(name => FindNested(entries[name], $"{key}:{name}")),
        IList items => Enumerable.Range(0, items.Count)
            .SelectMany(index => FindNested(items[index], string.Create(CultureInfo.InvariantCulture, $"{key}:{index}"))),
        _ => options.GetType()
            .GetProperties()
            .SelectMany(property => FindFaults(property, property.GetValue(options), $"{key}:{property.Name}")),
    };

    private static IEnumerable<string> FindFaults(PropertyInfo property, object? value, string key) => value switch
    {
        int number when property.GetCustomAttribute<RangeAttribute>() is { } range
            && !range.IsValid(number) => [$"{key}: {Describe(range)}"],
        TimeSpan time when property.GetCustomAttribute<TimeRangeAttribute>() is { } range && !range.Contains(time) =>
            [$"{key}: must be from {range.Minimum} to {range.Maximum}."],
        _ => FindNested(value, key),
    };

    // Values have no bounds of their own.
    private static IEnumerable<string> FindNested(object? value, string key) =>
        value is IDictionary or IList || value?.GetType().Assembly == typeof(OptionBounds).Assembly ? FindFaults(value!, key) : [];

    private static string Describe(RangeAttribute range) => range switch
    {
        { Minimum: 0, Maximum: int.MaxValue } => "must not be negative.",
        { Minimum: 1, Maximum: int.MaxValue } => "must be a positive number.",
        _ => string.Create(CultureInfo.InvariantCulture, $"must be from {range.Minimum} to {range.Maximum}."),
    };
}
