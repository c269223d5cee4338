using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TokenBroker.Authentication;

namespace TokenBroker.RateLimiting;

/// <summary>Whose bucket it is, in sixteen bytes whatever the length of a caller's id.</summary>
internal readonly record struct BucketKey(UInt128 Value)
{
    /// <summary>A caller of an issuer. Hashed so that nobody can make up an id that falls together with another's.</summary>
    public static BucketKey Of(Caller caller)
    {
        var text = $"{caller.Issuer.Length}|{caller.Issuer}|{caller.Id}";
        return new BucketKey(BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()))));
    }

    /// <summary>A client's address. Of IPv6 only the network: a host has all of its /64, and would never run out of addresses.</summary>
    public static BucketKey Of(IPAddress? address)
    {
        if (address is null)
            return default;
        var value = BinaryPrimitives.ReadUInt128BigEndian(address.MapToIPv6().GetAddressBytes());
        return new BucketKey(address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6 ? value : value >> 64 << 64);
    }
}
