using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Answers;
using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Makes installation tokens, no wider than the installation is.</summary>
internal sealed class InstallationTokenMint(
    IssuedTokens<SandboxInstallationToken> tokens,
    TokenShapes shapes,
    Secrets secrets,
    TokenExpiry expiry,
    SandboxClock clock,
    TimeSpan lifetime)
{
    private const int MostRepositories = 500;

    public async Task AnswerAsync(HttpContext context, SandboxAccount account, SandboxInstallation installation)
    {
        if (await JsonBody.ReadAsync(context) is not { } body)
        {
            await GitHubError.UnparsableAsync(context);
            return;
        }

        if (!TryReadPermissions(body, installation, out var permissions))
        {
            await GitHubError.UnprocessableAsync(context, "The permissions requested are not granted to this installation.");
            return;
        }

        if (!TryReadRepositories(body, account, installation, out var repositories))
        {
            await GitHubError.UnprocessableAsync(
                context,
                "There is at least one repository that does not exist or is not accessible to the parent installation.");
            return;
        }

        var token = new SandboxInstallationToken(shapes.Next(context), installation.Id, account, clock.Time.GetUtcNow())
        {
            Permissions = permissions,
            Repositories = repositories,
            ExpiresAt = expiry.Next(context, lifetime, out var fault),
        };
        tokens.Add(token.Token, token);
        var answer = TokenExpiry.Answer(token.Token, GitHubJson.Moment(token.ExpiresAt), fault);
        answer["permissions"] = InstallationJson.Permissions(permissions);
        answer["repository_selection"] = InstallationJson.Selection((repositories ?? installation.SelectedRepositories) is not null);
        if (repositories is not null)
            answer["repositories"] = Describe(context, account, repositories);
        await GitHubJson.WriteAsync(context, StatusCodes.Status201Created, answer);
    }

    private static bool TryReadPermissions(
        JsonObject body,
        SandboxInstallation installation,
        out ImmutableSortedDictionary<string, string> permissions)
    {
        permissions = installation.Permissions;
        if (body["permissions"] is not { } asked)
            return true;
        if (asked is not JsonObject wanted)
            return false;

        var builder = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in wanted)
        {
            if (value?.GetValueKind() != JsonValueKind.String || !installation.Permissions.Allow(name, value.GetValue<string>()))
                return false;
            builder[name] = value.GetValue<string>();
        }

        // Every other repository permission includes reading metadata.
        if (builder.ContainsKey(SandboxPermissions.Administration))
            builder.TryAdd("metadata", "read");
        permissions = builder.ToImmutable();
        return true;
    }

    private static bool TryReadRepositories(
        JsonObject body,
        SandboxAccount account,
        SandboxInstallation installation,
        out ImmutableHashSet<long>? repositories)
    {
        repositories = null;
        var byName = body["repositories"];
        var byId = body["repository_ids"];
        if (byName is null && byId is null)
            return true;

        var asked = new[] { byName, byId }.OfType<JsonArray>().SelectMany(array => array).ToArray();
        var found = asked
            .Select(one => account.Repositories.FirstOrDefault(repository => IsNamed(repository, one) && installation.Covers(repository)))
            .ToArray();
        if (found.Length is 0 or > MostRepositories || found.Contains(value: null))
            return false;
        repositories = found.Select(repository => repository!.Id).ToImmutableHashSet();
        return true;
    }

    private static bool IsNamed(SandboxRepository repository, JsonNode? asked) => asked?.GetValueKind() switch
    {
        JsonValueKind.String => string.Equals(repository.Name, asked.GetValue<string>(), StringComparison.OrdinalIgnoreCase),
        JsonValueKind.Number => asked.AsValue().TryGetValue<long>(out var id) && id == repository.Id,
        _ => false,
    };

    private JsonArray Describe(HttpContext context, SandboxAccount account, ImmutableHashSet<long> repositories) =>
        new([.. account.Repositories
            .Where(repository => repositories.Contains(repository.Id))
            .Select(repository => RepositoryJson.Full(GitHubJson.Base(context), account, repository, secrets.CloneToken()))]);
}
