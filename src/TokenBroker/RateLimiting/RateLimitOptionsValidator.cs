using Microsoft.Extensions.Options;

namespace TokenBroker.RateLimiting;

internal sealed class RateLimitOptionsValidator : IValidateOptions<RateLimitOptions>
{
    public ValidateOptionsResult Validate(string? name, RateLimitOptions options)
    {
        var faults = new List<string>();
        if (options.RequestsPerMinute < 0)
            faults.Add($"{RateLimitOptions.Section}:RequestsPerMinute: must not be negative.");
        if (options.Burst < 1)
            faults.Add($"{RateLimitOptions.Section}:Burst: must be a positive number.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
