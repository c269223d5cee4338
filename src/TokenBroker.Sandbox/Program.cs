using TokenBroker.Sandbox;

if (!SandboxArguments.TryParse(args, out var arguments))
{
    await Console.Error.WriteLineAsync(SandboxArguments.Usage);
    return 2;
}

try
{
    if (arguments.SecretsOnly)
    {
        new SandboxSecrets(arguments.SecretsFolder!).MakeAll();
        return 0;
    }

    await using var sandbox = await RunningSandbox.StartAsync(arguments);
    await sandbox.WriteWelcomeAsync(Console.Out);
    await sandbox.WaitForShutdownAsync();
    return 0;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"The sandbox does not start: {exception.Message}");
    return 1;
}
