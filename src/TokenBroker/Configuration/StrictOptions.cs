using Microsoft.Extensions.Options;

namespace TokenBroker.Configuration;

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

    /// <summary>The keys of a section that cannot be bound, each with why.</summary>
    public static IEnumerable<string> FindFaults<TOptions>(IConfiguration configuration, string section)
        where TOptions : class =>
        StrictSection.FindFaults(configuration.GetSection(section), typeof(TOptions)).Select(fault => $"{fault.Key}: {fault.Value}");

    /// <summary>Binds and validates a section; <typeparamref name="TValidator"/> finds what binding cannot.</summary>
    public static void AddStrictOptions<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddStrictOptions<TOptions>(section);
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
    }

    /// <summary>Binds a section, of which every value that binds will do.</summary>
    public static void AddStrictOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class
    {
        services.AddSingleton(new KnownSection(section, typeof(TOptions)));
        services.AddSingleton<IConfigureOptions<TOptions>>(provider => new Binder<TOptions>(provider.GetRequiredService<IConfiguration>().GetSection(section)));
        services.AddSingleton<IValidateOptions<TOptions>>(provider => new KeyValidator<TOptions>(provider.GetRequiredService<IConfiguration>(), section));
        services.AddOptions<TOptions>().ValidateOnStart();
    }

    /// <summary>Has a section looked at for what is allowed and unwise, at start and by the command <c>check</c>.</summary>
    public static void AddWarnings<TOptions>(this IServiceCollection services, Func<TOptions, IEnumerable<ConfigurationWarning>> find)
        where TOptions : class =>
        services.AddWarnings(provider => find(provider.GetRequiredService<IOptions<TOptions>>().Value));

    /// <summary>Has several sections looked at together.</summary>
    public static void AddWarnings(this IServiceCollection services, Func<IServiceProvider, IEnumerable<ConfigurationWarning>> find) =>
        services.AddSingleton(new ConfigurationWarnings.Source(find));

    private sealed class Binder<TOptions>(IConfigurationSection section) : IConfigureOptions<TOptions>
        where TOptions : class
    {
        public void Configure(TOptions options) =>
            StrictSection.Without(section, StrictSection.FindFaults(section, typeof(TOptions))).Bind(options);
    }

    private sealed class KeyValidator<TOptions>(IConfiguration configuration, string section) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            var faults = FindFaults<TOptions>(configuration, section).ToList();
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
