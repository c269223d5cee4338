using Microsoft.Extensions.Options;

namespace TokenBroker.Configuration;

/// <summary>Options that are bound from a section whose every key must be known, and validated before the process starts.</summary>
internal static class StrictOptions
{
    /// <summary>Reads a section without validating it, for a validator that depends on another section.</summary>
    public static TOptions Read<TOptions>(IConfiguration configuration, string section)
        where TOptions : class, new()
    {
        var options = new TOptions();
        new Binder<TOptions>(configuration.GetSection(section)).Configure(options);
        return options;
    }

    /// <summary>The keys of a section that cannot be bound, and why.</summary>
    public static IEnumerable<string> FindFaults<TOptions>(IConfiguration configuration, string section)
        where TOptions : class =>
        StrictSection.FindFaults(configuration.GetSection(section), typeof(TOptions)).Select(fault => $"{fault.Key}: {fault.Value}");

    /// <summary>Binds and validates a section; <typeparamref name="TValidator"/> finds what neither keys nor bounds show.</summary>
    public static void AddStrictOptions<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddStrictOptions<TOptions>(section);
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
    }

    /// <summary>Binds a section and validates its keys and the bounds of its values.</summary>
    public static void AddStrictOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class
    {
        services.AddSingleton(new KnownSection(section, typeof(TOptions)));
        services.AddSingleton<IConfigureOptions<TOptions>>(provider =>
            new Binder<TOptions>(provider.GetRequiredService<IConfiguration>().GetSection(section)));
        services.AddSingleton<IValidateOptions<TOptions>>(provider =>
            new KeyValidator<TOptions>(provider.GetRequiredService<IConfiguration>(), section));
        services.AddOptions<TOptions>().ValidateOnStart();
    }

    /// <summary>Adds warnings about a section, which are shown at start and by the command <c>check</c>.</summary>
    public static void AddWarnings<TOptions>(this IServiceCollection services, Func<TOptions, IEnumerable<ConfigurationWarning>> find)
        where TOptions : class =>
        services.AddWarnings(provider => find(provider.GetRequiredService<IOptions<TOptions>>().Value));

    /// <summary>Adds warnings about several sections.</summary>
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
            List<string> faults = [.. FindFaults<TOptions>(configuration, section), .. OptionBounds.FindFaults(options, section)];
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}

/// <summary>A section of the configuration that the broker reads.</summary>
/// <param name="Name">The section's name.</param>
/// <param name="Options">The type that it is bound to.</param>
internal sealed record KnownSection(string Name, Type Options);
