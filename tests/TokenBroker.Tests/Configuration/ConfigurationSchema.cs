using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Caching;
using TokenBroker.Caching.Redis;
using TokenBroker.Configuration;
using TokenBroker.GitHub;
using TokenBroker.Scopes;
using TokenBroker.Telemetry;

namespace TokenBroker.Tests.Configuration;

/// <summary>
/// Writes the configuration's JSON schema from the options: names, types and defaults by reflection, descriptions from their summaries.
/// </summary>
// Draft 7: what every editor completes by.
internal static class ConfigurationSchema
{
    private const string Time = "^([0-9]+\\.)?([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,7})?)?$";
    private const string Name = """{ "minLength": 1 }""";
    private const string AtLeastOne = """{ "minItems": 1, "items": { "minLength": 1 } }""";
    private const string RunnerTexts = """{ "items": { "minLength": 1, "maxLength": 256 } }""";

    private static readonly Dictionary<string, XElement> Summaries = XDocument
        .Load(Path.Combine(AppContext.BaseDirectory, "TokenBroker.xml")).Descendants("member")
        .Where(member => member.Element("summary") is not null)
        .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!, StringComparer.Ordinal);

    /// <summary>What the options' types do not say: bounds, words, and what belongs together.</summary>
    private static readonly Dictionary<MemberInfo, string> More = new()
    {
        [typeof(GitHubOptions)] = NotBoth("EnterpriseToken", "EnterpriseTokenPath"),
        [Of<GitHubOptions>("MaxConcurrentRequests")] = """{ "minimum": 1, "maximum": 100 }""",
        [typeof(GitHubAppOptions)] = NotBoth("PrivateKey", "PrivateKeyPath"),
        [Of<IssuerListOptions>("Issuers")] = """{ "minProperties": 1 }""",
        [typeof(IssuerOptions)] = """
            {
              "required": ["Audiences"],
              "oneOf": [{ "required": ["Authority"] }, { "required": ["JwksUri"] }, { "required": ["JwksPath"] }],
              "dependencies": { "JwksUri": ["Issuer"], "JwksPath": ["Issuer"] }
            }
            """,
        [Of<IssuerOptions>("Audiences")] = AtLeastOne,
        [Of<IssuerOptions>("CallerId")] = """{ "default": ["sub"], "items": { "minLength": 1 } }""",
        [Of<PolicyListOptions>("Policies")] = """{ "minProperties": 1 }""",
        [typeof(PolicyOptions)] = """
            {
              "required": ["Issuer", "Claims", "Scopes", "Operations"],
              "if": { "properties": { "Operations": { "contains": { "enum": ["jitconfig", "labels", "delete"] } } },
                "required": ["Operations"] },
              "then": { "required": ["Runners"] }
            }
            """,
        [Of<PolicyOptions>("Issuer")] = Name,
        [Of<PolicyOptions>("Claims")] = """{ "minItems": 1 }""",
        [Of<PolicyOptions>("Scopes")] = """{ "minItems": 1, "items": { "pattern": "^(repos|orgs|enterprises)/.+$" } }""",
        [Of<PolicyOptions>("Operations")] =
            $$"""{ "minItems": 1, "items": { "enum": {{JsonSerializer.Serialize(OperationNames.AllNames)}} } }""",
        [typeof(ClaimOptions)] = """{ "required": ["Claim", "Matches"] }""",
        [Of<ClaimOptions>("Claim")] = Name,
        [Of<ClaimOptions>("Matches")] = AtLeastOne,
        [typeof(ClaimAgeOptions)] = """{ "required": ["Claim", "Age"] }""",
        [Of<ClaimAgeOptions>("Claim")] = Name,
        [typeof(RunnerBoundsOptions)] = """{ "required": ["Names"] }""",
        [Of<RunnerBoundsOptions>("Names")] = """{ "minItems": 1, "items": { "minLength": 1, "maxLength": 256 } }""",
        [Of<RunnerBoundsOptions>("Labels")] = RunnerTexts,
        [Of<RunnerBoundsOptions>("RequiredLabels")] = RunnerTexts,
        [Of<RunnerBoundsOptions>("GroupIds")] = """{ "default": [1], "items": { "minimum": 1 } }""",
        [Of<RunnerBoundsOptions>("WorkFolders")] = """{ "default": ["_work"], "items": { "minLength": 1, "maxLength": 256 } }""",
        [typeof(RedisOptions)] = NotBoth("Redis", "RedisPath"),
        [typeof(TokenCacheOptions)] = NotBoth("EncryptionKeys", "EncryptionKeysPath"),
        [Of<TokenCacheOptions>("RedisKeyPrefix")] = """{ "minLength": 1, "maxLength": 100, "pattern": "^[^{}]*$" }""",
        [Of<MetricsPageOptions>("Address")] = Name,
        [typeof(GrantOptions)] = """{ "required": ["Count", "Within"] }""",
        [Of<GrantOptions>("Count")] = """{ "minimum": 1, "maximum": 100 }""",
    };

    public static JsonObject Create(IEnumerable<KnownSection> sections)
    {
        var properties = new JsonObject
        {
            ["$schema"] = new JsonObject { ["type"] = "string", ["description"] = "Where this schema is, for editors." },
            ["Logging"] = Open("object", "What is logged, and how.", "https://learn.microsoft.com/dotnet/core/extensions/logging"),
            ["Kestrel"] = Open(
                "object",
                "Where the broker listens, and with which certificates.",
                "https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints"),
            ["AllowedHosts"] = Open(
                "string",
                "The names under which it answers.",
                "https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/host-filtering"),
        };
        foreach (var section in sections.OrderBy(section => section.Name, StringComparer.Ordinal))
            properties[section.Name] = Describe(section.Options, Summary("T:" + section.Options.FullName));
        return new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "Token Broker",
            ["description"] = "The Token Broker's configuration.",
            ["type"] = "object",
            ["properties"] = properties,
        };
    }

    private static JsonObject Describe(Type type, string description) =>
        Merge(new JsonObject { ["description"] = description }, Shape(type));

    private static JsonObject Shape(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return new JsonObject { ["type"] = "string" };
        if (type == typeof(bool))
            return new JsonObject { ["type"] = "boolean" };
        if (type == typeof(int) || type == typeof(long))
            return new JsonObject { ["type"] = "integer" };
        if (type == typeof(TimeSpan))
            return new JsonObject { ["type"] = "string", ["pattern"] = Time };
        if (typeof(IDictionary).IsAssignableFrom(type))
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Described(type.GetGenericArguments()[1]) };
        if (typeof(IList).IsAssignableFrom(type))
            return new JsonObject { ["type"] = "array", ["items"] = Described(type.GetGenericArguments()[0]) };
        Assert.True(type.Assembly == typeof(Program).Assembly, $"{type} is no type that the schema knows.");

        var initial = Activator.CreateInstance(type)!;
        var properties = type
            .GetProperties()
            .Select(property => KeyValuePair.Create(property.Name, (JsonNode?)Describe(property, initial)));
        var shape = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = new JsonObject(properties) };
        return Merge(shape, Extra(type));
    }

    private static JsonObject Described(Type type) =>
        type.Assembly == typeof(Program).Assembly ? Describe(type, Summary("T:" + type.FullName)) : Shape(type);

    private static JsonObject Describe(PropertyInfo property, object initial)
    {
        var described = Describe(property.PropertyType, Summary($"P:{property.DeclaringType!.FullName}.{property.Name}"));
        var value = property.GetValue(initial);
        if (value is string or bool or int or long)
            described["default"] = JsonSerializer.SerializeToNode(value);
        else if (value is TimeSpan time && time > TimeSpan.Zero)
            described["default"] = time.ToString("c", CultureInfo.InvariantCulture);
        return Merge(Merge(described, Bounds(property)), Extra(property));
    }

    private static JsonObject Bounds(PropertyInfo property)
    {
        var bounds = new JsonObject();
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range)
            return bounds;
        bounds["minimum"] = (int)range.Minimum;
        if (range.Maximum is not int.MaxValue)
            bounds["maximum"] = (int)range.Maximum;
        return bounds;
    }

    private static JsonObject Extra(MemberInfo member) => JsonNode.Parse(More.GetValueOrDefault(member, "{}"))!.AsObject();

    // A member of both that is an object is merged itself: items, mostly.
    private static JsonObject Merge(JsonObject shape, JsonObject more)
    {
        foreach (var (name, value) in more)
        {
            if (shape[name] is JsonObject inner && value is JsonObject addition)
                Merge(inner, addition);
            else
                shape[name] = value?.DeepClone();
        }

        return shape;
    }

    private static JsonObject Open(string type, string description, string page) =>
        new() { ["type"] = type, ["description"] = $"{description} {page}" };

    private static string NotBoth(string one, string other) => $$"""{ "not": { "required": ["{{one}}", "{{other}}"] } }""";

    private static PropertyInfo Of<T>(string property) =>
        typeof(T).GetProperty(property) ?? throw new InvalidOperationException($"{typeof(T)} has no {property}.");

    private static string Summary(string member)
    {
        Assert.True(Summaries.TryGetValue(member, out var summary), $"{member} has no summary, which is its description in the schema.");
        var text = string.Concat(summary.Nodes().Select(TextOf));
        return Regex.Replace(text, "\\s+", " ", RegexOptions.None, TimeSpan.FromSeconds(1)).Trim();
    }

    private static string TextOf(XNode node) => node switch
    {
        XElement { Name.LocalName: "see" } see => see.Attribute("cref")!.Value.Split('.')[^1],
        XElement element => element.Value,
        _ => node.ToString().Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal).Replace(
            "&amp;",
            "&",
            StringComparison.Ordinal),
    };
}
