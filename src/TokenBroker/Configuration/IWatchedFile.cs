namespace TokenBroker.Configuration;

/// <summary>A file whose content is read again when it changes, with the last good version as its value.</summary>
internal interface IWatchedFile
{
    /// <summary>Reads the file again if its content changed.</summary>
    void Poll();
}
