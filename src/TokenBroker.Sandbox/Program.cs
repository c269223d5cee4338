using TokenBroker.Sandbox;

if (!SandboxPorts.TryParse(args, out var ports))
{
    await Console.Error.WriteLineAsync(SandboxPorts.Usage);
    return 2;
}

try
{
    await using var sandbox = await RunningSandbox.StartAsync(ports);
    await sandbox.WriteWelcomeAsync(Console.Out);
    await sandbox.WaitForShutdownAsync();
    return 0;
}
catch (IOException exception)
{
    await Console.Error.WriteLineAsync($"The sandbox does not start: {exception.Message}");
    return 1;
}
