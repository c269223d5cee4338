using Microsoft.Extensions.Options;

namespace TokenBroker.Hosting;

internal sealed class OverloadOptionsValidator : IValidateOptions<OverloadOptions>
{
    public ValidateOptionsResult Validate(string? name, OverloadOptions options) =>
        options.MaxConcurrentRequests < 1
            ? ValidateOptionsResult.Fail($"{OverloadOptions.Section}:MaxConcurrentRequests: must be a positive number.")
            : ValidateOptionsResult.Success;
}
