using Microsoft.Extensions.Options;

namespace TokenBroker.Hosting;

internal sealed class ShutdownOptionsValidator : IValidateOptions<ShutdownOptions>
{
    public ValidateOptionsResult Validate(string? name, ShutdownOptions options) =>
        options.Delay < TimeSpan.Zero || options.Delay > TimeSpan.FromMinutes(5)
            ? ValidateOptionsResult.Fail($"{ShutdownOptions.Section}:Delay: must be from 00:00:00 to 00:05:00.")
            : ValidateOptionsResult.Success;
}
