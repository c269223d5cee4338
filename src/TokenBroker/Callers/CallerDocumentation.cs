using TokenBroker.Runners.Documentation;

namespace TokenBroker.Callers;

/// <summary>What the document says of the caller's own page.</summary>
internal static class CallerDocumentation
{
    public static readonly OperationDocumentation Get = new("broker/get-caller", "Get yourself")
    {
        Description = "Who the caller is to the broker, the policies that match it, and at most one that a single claim keeps away.",
        Answer = new(StatusCodes.Status200OK, "The caller.", new(typeof(CallerDescription), new CallerDescription
        {
            Issuer = "gce",
            Subject = "107517467455664443765",
            CallerId = "4520031799277581759",
            ExpiresAt = DateTimeOffset.UnixEpoch.AddYears(57),
            Policies =
            [
                new() { Name = "gce-runners", Matches = true, Operations = ["registration-token", "remove-token"], Scopes = ["orgs/octo-org"], Grants = new() { Count = 3, Within = "01:00:00" } },
                new() { Name = "gpu-machines", Matches = false, Claim = "/google/compute_engine/zone", Value = System.Text.Json.JsonElement.Parse("\"europe-west1-b\"") },
            ],
        })),
    };
}
