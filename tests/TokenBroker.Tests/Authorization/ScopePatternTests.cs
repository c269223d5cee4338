using TokenBroker.Authorization;

namespace TokenBroker.Tests.Authorization;

public sealed class ScopePatternTests
{
    [Theory]
    [InlineData("orgs/octo-org")]
    [InlineData("orgs/*")]
    [InlineData("ORGS/Octo")]
    [InlineData("repos/octo-org/hello.world")]
    [InlineData("repos/*/*")]
    [InlineData("enterprises/octo_ent")]
    public void The_three_forms_are_taken(string text) => Assert.True(ScopePattern.TryParse(text, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("orgs")]
    [InlineData("orgs/")]
    [InlineData("orgs/a/b")]
    [InlineData("repos/a")]
    [InlineData("repos/a/b/c")]
    [InlineData("users/a")]
    [InlineData("/orgs/a")]
    [InlineData("orgs/a.b")]
    [InlineData("orgs/a b")]
    [InlineData("repos/a/b?")]
    [InlineData("org*/a")]
    [InlineData("repos/a/[bc]")]
    public void Everything_else_is_a_fault(string? text) => Assert.False(ScopePattern.TryParse(text, out _));
}
