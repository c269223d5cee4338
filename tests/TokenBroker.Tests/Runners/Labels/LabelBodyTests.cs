using System.Text;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Labels;

public sealed class LabelBodyTests
{
    public static TheoryData<int, int, int> Sizes => new()
    {
        { 1, 1, 200 },
        { 100, 1, 200 },
        { 101, 1, 422 },
        { 1, 256, 200 },
        { 1, 257, 422 },
        { 1, 0, 422 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task One_to_100_labels_of_1_to_256_characters(int count, int length, int status)
    {
        await using var broker = await TestBroker.StartAsync();
        var labels = Enumerable.Range(0, count).Select(number => length == 1 ? ((char)('一' + number)).ToString() : new string('a', length));
        foreach (var method in new[] { "POST", "PUT" })
        {
            var answer = (await broker.SendAsync(method, Labels(broker), new { labels })).Is(status);
            if (status == 422)
                Assert.Equal("labels:invalid", answer.IsFailure(422, "invalid-fields").Fields);
        }

        Assert.Equal(status == 422 ? 0 : 1, broker.GitHub.Requests.Count(SandboxRequestKind.LabelAddition));
    }

    [Theory]
    [InlineData("{}", "labels:missing_field")]
    [InlineData("", "labels:missing_field")]
    [InlineData("""{"labels":null}""", "labels:missing_field")]
    [InlineData("""{"Labels":["gpu"]}""", "labels:missing_field")]
    [InlineData("""{"labels":"gpu"}""", "labels:invalid")]
    [InlineData("""{"labels":{"gpu":true}}""", "labels:invalid")]
    [InlineData("""{"labels":["gpu",1]}""", "labels:invalid")]
    [InlineData("""{"labels":["gpu",null]}""", "labels:invalid")]
    [InlineData("""{"labels":[" "]}""", "labels:invalid")]
    [InlineData("""{"labels":["a\nb"]}""", "labels:invalid")]
    [InlineData("""{"labels":["\ud800"]}""", "labels:invalid")]
    public async Task Fields_that_GitHub_would_not_take_are_422(string body, string fields)
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var method in new[] { "POST", "PUT" })
            Assert.Equal(fields, (await broker.SendAsync(method, Labels(broker), body)).IsFailure(422, "invalid-fields").Fields);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task None_takes_all_away_and_adds_nothing()
    {
        await using var broker = await TestBroker.StartAsync();
        var labels = $"{RunnerApi.Organization}/{broker.RunnerOf("octo-org-runner-3").Id}/labels";
        Assert.Equal(
            "labels:invalid",
            (await broker.SendAsync("POST", labels, """{"labels":[]}""")).IsFailure(422, "invalid-fields").Fields);
        (await broker.SendAsync("PUT", labels, """{"labels":[]}""")).Is(200);
        Assert.Empty(broker.LabelsOf("octo-org-runner-3"));
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""["gpu"]""")]
    [InlineData("""{"labels":["gpu"]""")]
    [InlineData("""{"labels":["gpu"],}""")]
    [InlineData("""{"labels":["gpu"]} {}""")]
    [InlineData("""{"labels":["gpu"],"labels":["cpu"]}""")]
    [InlineData("""{"labels":["gpu"],"l\u0061bels":["cpu"]}""")]
    [InlineData("""{"labels":["gpu"],"x":{"a":1,"a":2}}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"labels":["gpu"],"\ud800":1}""")]
    [InlineData("""{"labels":["gpu"],"x":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}""")]
    public async Task A_body_that_is_not_a_JSON_object_or_has_duplicate_keys_is_400(string body)
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var method in new[] { "POST", "PUT" })
            Assert.Equal("body:invalid", (await broker.SendAsync(method, Labels(broker), body)).IsFailure(400, "invalid-request").Fields);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_no_label()
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = await broker.SendAsync("POST", Labels(broker), Encoding.Latin1.GetBytes("{\"labels\":[\"\u00ff\"]}"));
        Assert.Equal("labels:invalid", answer.IsFailure(422, "invalid-fields").Fields);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task The_content_type_does_not_matter()
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded", "nonsense" })
        {
            (await broker.SendAsync("POST", Labels(broker), """{"labels":["x"]}""", request =>
            {
                request.Content!.Headers.Remove("Content-Type");
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            })).Is(200);
        }
    }

    private static string Labels(TestBroker broker) => $"{RunnerApi.Organization}/{broker.RunnerOf("octo-org-runner-1").Id}/labels";
}
