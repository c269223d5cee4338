using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace TokenBroker.BrowserTests;

/// <summary>Swagger UI in a real browser, as somebody who tries the sandbox uses it.</summary>
public sealed class SwaggerPageTests(ITestOutputHelper output)
{
    private const float LongestStep = 30_000;

    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private static readonly (string Path, (string Name, string Value)[] Names)[] Scopes =
    [
        ("/repos/{owner}/{repo}", [("owner", "octo-org"), ("repo", "hello")]),
        ("/orgs/{org}", [("org", "octo-org")]),
        ("/enterprises/{enterprise}", [("enterprise", "octo-ent")]),
    ];

    [Fact]
    public async Task Every_token_is_had_with_a_few_clicks_and_nothing_is_loaded_from_elsewhere()
    {
        var chromium = FindOrSkip();
        await using var sandbox = await SandboxProcess.StartAsync();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = chromium, Args = Arguments });
        var page = await browser.NewPageAsync(
            new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 1600 } });
        page.SetDefaultTimeout(LongestStep);
        var complaints = new ConcurrentQueue<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => complaints.Enqueue(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("data:", StringComparison.Ordinal)
                && new Uri(request.Url).GetLeftPart(UriPartial.Authority) != sandbox.Address.GetLeftPart(UriPartial.Authority))
                complaints.Enqueue("asked elsewhere: " + request.Url);
        };

        await page.GotoAsync(new Uri(sandbox.Address, "/swagger/index.html").AbsoluteUri);
        await AuthorizeAsync(page, sandbox.Jwt);
        try
        {
            foreach (var (path, names) in Scopes)
            {
                foreach (var operation in new[] { "registration-token", "remove-token" })
                    Assert.False(
                        string.IsNullOrEmpty(await ExecuteAsync(page, $"{path}/actions/runners/{operation}", names)),
                        $"{operation} on {path} gave no token.");
            }
        }
        finally
        {
            await KeepAsync(page);
        }

        Assert.Empty(complaints);
    }

    private static async Task AuthorizeAsync(IPage page, string jwt)
    {
        await page.Locator(".auth-wrapper button.authorize").First.ClickAsync();
        var dialog = page.Locator(".dialog-ux");
        await dialog.Locator("input").FillAsync(jwt);
        await dialog.Locator("button.authorize").ClickAsync();
        await dialog.Locator("button.btn-done").ClickAsync();
    }

    private static async Task<string?> ExecuteAsync(IPage page, string path, (string Name, string Value)[] names)
    {
        var operation = page.Locator($".opblock-post:has(.opblock-summary-path[data-path='{path}'])");
        foreach (var open in await page.Locator(".opblock.is-open .opblock-summary-control").AllAsync())
            await open.ClickAsync();
        await operation.Locator(".opblock-summary-control").ClickAsync();
        await operation.Locator("button.try-out__btn").ClickAsync();
        foreach (var (name, value) in names)
            await operation.Locator($"tr[data-param-name='{name}'] input").FillAsync(value);
        await operation.Locator("button.execute").ClickAsync();
        var answer = operation.Locator(".live-responses-table tr.response");
        Assert.Equal("201", (await answer.Locator(".response-col_status").First.InnerTextAsync()).Trim().Split('\n')[0]);
        var body = await answer.Locator(".response-col_description code").First.InnerTextAsync();
        return (string?)JsonNode.Parse(body)?["token"];
    }

    private async Task KeepAsync(IPage page)
    {
        var folder = Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } named ? named : Path.GetTempPath();
        var path = Path.Combine(folder, "token-broker-swagger.png");

        // The last operation as it is, without the token and the JWT.
        await page.Locator(".live-responses-table").Last.ScrollIntoViewIfNeededAsync();
        await page.ScreenshotAsync(new PageScreenshotOptions
        {
            Path = path,
            Mask = [page.Locator(".live-responses-table code"), page.Locator(".curl-command")],
            MaskColor = "#888888",
        });
        output.WriteLine("screenshot: " + path);
    }

    private static string FindOrSkip()
    {
        var found = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named
            ? named
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator)
                .Select(folder => Path.Combine(folder, "chromium"))
                .FirstOrDefault(File.Exists);
        if (found is null)
        {
            const string Reason = "There is no chromium on the PATH, and CHROMIUM names none.";
            Assert.False(Environment.GetEnvironmentVariable("REQUIRE_CHROMIUM") == "1", Reason);
            Assert.Skip(Reason);
        }

        return found;
    }
}
