namespace TokenBroker.Hosting;

/// <summary>Marks an endpoint that is answered however much there is to do: a replica that is busy must not be taken for a dead one.</summary>
internal sealed class AlwaysAnswered;
