namespace TokenBroker.Runners.Labels;

/// <summary>The labels that a request brings, as they were sent.</summary>
internal sealed record LabelsRequest(bool IsObject, BodyField<IReadOnlyList<string>> Labels, bool MayBeEmpty, bool HasByteOrderMark)
{
    public const string Field = "labels";

    /// <summary>The labels, once they are validated.</summary>
    public IReadOnlyList<string> Names => Labels.Value!;

    public static async ValueTask<LabelsRequest?> BindAsync(HttpContext context)
    {
        // None in place of all takes all away; none more is no request.
        // See https://docs.github.com/rest/actions/self-hosted-runners#set-custom-labels-for-a-self-hosted-runner-for-an-organization
        var body = await RequestBody.ReadAsync(context);
        return new LabelsRequest(body.IsObject, body.Texts(Field), HttpMethods.IsPut(context.Request.Method), body.HasByteOrderMark);
    }
}
