"""A small WebDriver client: JSON over loopback to chromedriver, with the standard library alone."""

import base64
import json
import subprocess
import time
import urllib.error
import urllib.request

# Loopback, whatever proxy the environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
DEADLINE = 30  # seconds
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class WebDriverError(Exception):
    pass


class Element:
    def __init__(self, browser, reference):
        self.browser, self.reference = browser, reference

    def ask(self, method, path, body=None):
        return self.browser.ask(method, f"/element/{self.reference}{path}", body)

    def click(self):
        self.ask("POST", "/click", {})

    def follow(self):
        """Clicks, and waits for the page it leads to."""
        before = self.browser.page()
        self.click()
        end = time.monotonic() + DEADLINE
        while self.browser.page() in (before, None):
            if time.monotonic() > end:
                raise WebDriverError(f"nothing followed the click on {self.browser.url}")

    def type(self, text):
        self.ask("POST", "/value", {"text": text})

    @property
    def text(self):
        return self.ask("GET", "/text")

    def attribute(self, name):
        return self.ask("GET", f"/attribute/{name}")


class Browser:
    """One headless Chromium with a profile of its own."""

    def __init__(self, folder, dark=False, width=1440, height=900):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.session = None
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                self.root = "http://127.0.0.1:" + line.strip().rstrip(".").split()[-1]
                break
        else:
            raise WebDriverError("chromedriver ended before it answered")
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--hide-scrollbars", f"--user-data-dir={folder}",
            f"--window-size={width},{height}"]
        options = {"browserName": "chrome", "acceptInsecureCerts": True,
                   "goog:loggingPrefs": {"browser": "ALL"},
                   "goog:chromeOptions": {"args": arguments}}
        try:
            answer = self.raw("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        except Exception:
            self.driver.terminate()
            raise
        self.session = answer["sessionId"]
        self.version = answer["capabilities"]["browserVersion"]
        self.prefer(dark)
        self.resize(width, height)

    def raw(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with OPENER.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WebDriverError(f"{path}: {value['error']}: {value['message'].splitlines()[0]}")

    def ask(self, method, path, body=None):
        return self.raw(method, f"/session/{self.session}{path}", body)

    def close(self):
        try:
            if self.session:
                self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()

    def devtools(self, command, **parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def prefer(self, dark):
        scheme = "dark" if dark else "light"
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": scheme}])

    def resize(self, width, height):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=1, mobile=False)

    def go(self, url):
        self.ask("POST", "/url", {"url": url})

    @property
    def url(self):
        return self.ask("GET", "/url")

    @property
    def title(self):
        return self.ask("GET", "/title")

    def run(self, script, *arguments):
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def all(self, selector):
        found = self.ask("POST", "/elements", {"using": "css selector", "value": selector})
        return [Element(self, each[ELEMENT]) for each in found]

    def one(self, selector):
        found = self.all(selector)
        if len(found) != 1:
            raise WebDriverError(f"{len(found)} elements are {selector} on {self.url}")
        return found[0]

    def page(self):
        """Names the document that is shown and whole; None: there is none yet."""
        try:
            return self.run("return document.readyState == 'complete' ? performance.timeOrigin : null")
        except WebDriverError:
            return None

    def link(self, words):
        found = self.ask("POST", "/elements", {"using": "link text", "value": words})
        if not found:
            raise WebDriverError(f"no link says {words} on {self.url}")
        return Element(self, found[0][ELEMENT])

    def press(self, key):
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def cookies(self):
        return self.ask("GET", "/cookie")

    def log(self):
        return self.ask("POST", "/se/log", {"type": "browser"})

    def screenshot(self, path):
        """The whole page, however long."""
        size = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        picture = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                                clip=clip)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))
