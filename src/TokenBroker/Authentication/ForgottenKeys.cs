using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace TokenBroker.Authentication;

/// <summary>
/// Where the framework keeps the keys that it makes at start for cookies and the like: there are none here, so these stay in memory. By
/// itself it writes them into the user's folder.
/// </summary>
// See https://learn.microsoft.com/aspnet/core/security/data-protection/configuration/default-settings
internal sealed class ForgottenKeys : IXmlRepository
{
    private readonly Lock gate = new();
    private readonly List<XElement> keys = [];

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (gate)
            return [.. keys];
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName)
    {
        lock (gate)
            keys.Add(element);
    }
}
