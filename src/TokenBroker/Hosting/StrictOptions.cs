using Microsoft.Extensions.Options;

namespace TokenBroker.Hosting;

/// <summary>Options that are bound from a section in which every key must be known, and validated before the process starts.</summary>
internal static class StrictOptions
{
    /// <summary>Reads a section without validating it, for a validator that must look into another section.</summary>
    public static TOptions Read<TOptions>(IConfiguration configuration, string section)
        where TOptions : class, new()
    {
        var options = new TOptions();
        new Binder<TOptions>(configuration.GetSection(section)).Configure(options);
        return options;
    }

    /// <summary>Binds and validates a section; <typeparamref name="TValidator"/> finds what binding cannot.</summary>
    public static void AddStrictOptions<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddSingleton<IConfigureOptions<TOptions>>(provider => new Binder<TOptions>(provider.GetRequiredService<IConfiguration>().GetSection(section)));
        services.AddSingleton<IValidateOptions<TOptions>>(provider => new KeyValidator<TOptions>(provider.GetRequiredService<IConfiguration>().GetSection(section)));
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        services.AddOptions<TOptions>().ValidateOnStart();
    }

    private sealed class Binder<TOptions>(IConfigurationSection section) : IConfigureOptions<TOptions>
        where TOptions : class
    {
        public void Configure(TOptions options) =>
            StrictSection.Without(section, StrictSection.FindFaults(section, typeof(TOptions))).Bind(options);
    }

    private sealed class KeyValidator<TOptions>(IConfigurationSection section) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            var faults = StrictSection.FindFaults(section, typeof(TOptions));
            return faults.Count == 0
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(faults.Select(fault => $"{fault.Key}: {fault.Value}"));
        }
    }
}
