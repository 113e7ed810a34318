"""The console in a real headless Chromium: browser_test.py PROGRAMS ESTATE-PROGRAM PICTURES

PROGRAMS holds latchkey-keyserver. Leaves screenshots in PICTURES. Exit code 77: there is no
Chromium here, nothing was tested.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from webdriver import Browser  # noqa: E402

PASSWORD = "correct horse battery"
HOSTILE = "<script>document.title='taken'</script>\"><img src=x onerror=alert(1)>"
TAB = "\ue004"


class Failed(Exception):
    pass


def expect(what, why):
    if not what:
        raise Failed(why)


class Server:
    """The shipped key server on an estate with twelve weeks behind it."""

    def __init__(self, programs, estate_program, folder):
        self.program = os.path.join(programs, "latchkey-keyserver")
        self.data = os.path.join(folder, "data")
        os.mkdir(self.data, 0o700)
        told = subprocess.run([estate_program, self.data], check=True, stdout=subprocess.PIPE, text=True)
        self.estate = json.loads(told.stdout)
        self.admin("console", "password", "--password-file", "-", input=PASSWORD + "\n")
        self.log = open(os.path.join(folder, "log"), "w")
        self.process = subprocess.Popen(
            [self.program, "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--console",
             "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url = ""
        for line in self.process.stdout:
            if line.startswith("console "):
                self.url = line.split()[1]
            if line.startswith("listening "):
                break
        expect(self.url, "the key server told no address of a console")

    def admin(self, *words, input=None):
        done = subprocess.run([self.program, "admin", "--data", self.data, "--json", *words],
                              check=True, stdout=subprocess.PIPE, text=True, input=input)
        return json.loads(done.stdout)

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


class Story:
    def __init__(self, browser, server, pictures):
        self.browser, self.server, self.pictures = browser, server, pictures
        self.estate = server.estate

    def go(self, path):
        self.browser.go(self.server.url + path)

    def picture(self, name):
        self.browser.screenshot(os.path.join(self.pictures, name + ".png"))

    def body(self):
        return self.browser.one("main").text

    def expect_words(self, *words):
        body = self.body()
        for each in words:
            expect(each in body, f"{self.browser.url} does not say \"{each}\":\n{body}")

    def signs_in(self):
        browser = self.browser
        self.go("/machines/" + self.estate["cloned"])
        expect("/sign-in" in browser.url, "a page is shown to a stranger")
        self.picture("sign-in")
        browser.one("#password").type("not the password")
        browser.one("main button").follow()
        self.expect_words("That is not the password.")
        expect(not browser.cookies(), "a stranger has a cookie")
        browser.one("#password").type(PASSWORD)
        browser.one("main button").follow()
        expect(browser.url.endswith("/machines/" + self.estate["cloned"]),
               f"signing in leads to {browser.url}, not to what was asked for")
        cookie, = browser.cookies()
        kept = {name: cookie[name] for name in ("httpOnly", "secure", "sameSite", "path")}
        expect(kept == {"httpOnly": True, "secure": True, "sameSite": "Strict", "path": "/"},
               f"the cookie is {cookie}")
        expect(browser.run("return document.cookie") == "", "scripts may read the cookie")

    def looks_at_the_overview(self):
        self.go("/")
        self.expect_words("Contour Editor", "48 used, 52 left of 100", "1 left of 10",
                          "61 activations counted in 12 weeks", self.estate["cloned"])
        bar = self.browser.run("return document.querySelector('rect.some').getBoundingClientRect().width /"
                               " document.querySelector('rect.track').getBoundingClientRect().width")
        expect(abs(bar - 0.48) < 0.01, f"the bar of 48 of 100 is {bar} long")
        self.picture("overview")
        self.browser.prefer(dark=True)
        self.picture("overview-dark")
        ground = self.browser.run("return getComputedStyle(document.body).backgroundColor")
        expect(ground == "rgb(17, 22, 29)", f"in the dark the ground is {ground}")
        self.browser.prefer(dark=False)

    def releases_a_machine(self):
        self.go("/entitlements/" + self.estate["entitlement"])
        self.picture("entitlement")
        self.browser.link(self.estate["machine"]).follow()
        self.expect_words("active", "The first activation on this machine: counted.")
        self.browser.link("Release …").follow()
        self.picture("release")
        self.browser.link("Leave it as it is").follow()
        expect(self.state_of(self.estate["machine"]) == "active", "leaving changed something")
        self.browser.link("Release …").follow()
        self.browser.one("main button").follow()
        self.expect_words("The machine was released.", "released")
        self.picture("released")
        expect(self.state_of(self.estate["machine"]) == "released", "it was not released")
        self.go("/machines/" + self.estate["machine"])
        expect("The machine was released." not in self.body(), "loading again tells it again")

    def state_of(self, machine):
        return self.server.admin("machine", "show", machine)["state"]

    def resolves_a_clone(self):
        self.go("/")
        self.browser.link("Suspected clones").follow()
        self.picture("clones")
        self.browser.link(self.estate["cloned"]).follow()
        self.expect_words("suspected clone", "Two machines renew it in turns")
        self.picture("machine")
        self.browser.link("Resolve …").follow()
        self.picture("resolve")
        self.browser.one("main button").click()
        expect(self.browser.url.endswith("/resolve"), "nothing was chosen and it was sent all the same")
        self.browser.one("input[value=other]").click()
        self.browser.one("main button").follow()
        self.expect_words("The machine was resolved.", "settled at its next renewal")
        self.go("/clones")
        self.expect_words("settled at the next renewal")

    def walks_by_keyboard(self):
        self.go("/")
        walked = []
        for _ in range(9):
            self.browser.press(TAB)
            walked.append(self.browser.run(
                "const at = document.activeElement; return at.textContent.trim()"
                " + (at.matches(':focus-visible') && getComputedStyle(at).outlineStyle != 'none' ? '' : ' unseen')"))
        expected = ["Skip to the content", "Latchkey", "Overview", "Machines", "Receipts",
                    "Suspected clones", "Sign out", "Contour Editor", "Contour Editor"]
        expect(walked == expected, f"Tab walks to {walked}")

    def fits_everywhere(self):
        pages = {"overview": "/", "entitlement": "/entitlements/" + self.estate["entitlement"],
                 "machines": "/machines", "machine": "/machines/" + self.estate["reimaged"],
                 "resolve": "/machines/" + self.estate["cloned"] + "/resolve",
                 "receipts": "/receipts", "clones": "/clones", "nothing": "/nothing"}
        receipt = self.server.admin("receipt", "list")["receipts"][0]["id"]
        pages["receipt"] = "/receipts/" + receipt
        for width in (375, 850, 1440):
            self.browser.resize(width, 800)
            for name, path in pages.items():
                self.go(path)
                wide = self.browser.run("return document.documentElement.scrollWidth")
                expect(wide <= width, f"{path} is {wide} wide where {width} are")
                if width == 375:
                    self.picture(name + "-narrow")
                unlabelled = self.browser.run(
                    "return [...document.querySelectorAll('th')].filter(th => !th.scope).length")
                expect(unlabelled == 0, f"{path} has headings without a scope")
        self.go(pages["receipt"])
        self.picture("receipt")

    def hostile_names_stay_text(self):
        self.server.admin("organization", "add", "--id", "hostile", "--name", HOSTILE)
        self.server.admin("entitlement", "add", "--product", "editor", "--program", "ai-cloud",
                          "--organization", "hostile", "--quantity", "1", "--activations", "1")
        self.go("/")
        expect(HOSTILE in self.body(), "the name is not shown as it is")
        expect(self.browser.title.startswith("Overview"), "a name in the data ran as a script")
        expect(not self.browser.all("main script, main img"), "a name in the data became markup")

    def another_site_changes_nothing(self):
        """A page elsewhere that sends our form: the cookie stays here, and the form is refused."""
        machine = self.estate["reimaged"]
        page = os.path.join(self.pictures, "elsewhere.html")
        with open(page, "w") as file:
            file.write(f"<form method=post action='{self.server.url}/machines/{machine}/release'>"
                       "<input name=form_token value=x><button>Win a prize</button></form>")
        self.browser.go("file://" + page)
        self.browser.one("button").follow()
        self.expect_words("This form did not come from a page of this console")
        expect(self.state_of(machine) == "active", "another site released a machine")
        os.remove(page)

    def signs_out(self):
        self.go("/")
        self.browser.one("header form button").follow()
        expect(self.browser.url.endswith("/sign-in"), f"signing out leads to {self.browser.url}")
        self.go("/")
        expect(self.browser.url.endswith("/sign-in"), "it is open after signing out")

    def the_browser_had_nothing_to_say(self):
        # Answers of 403 and 404 were asked for above, and are told of as they should be.
        said = [entry for entry in self.browser.log()
                if "Failed to load resource: the server responded with a status of 40" not in entry["message"]]
        expect(not said, "the browser's console says: " + json.dumps(said, indent=1))


def main():
    programs, estate_program, pictures = sys.argv[1:]
    for needed in ("chromium", "chromedriver"):
        if not shutil.which(needed):
            print(f"skipped: there is no {needed} here ('./dev test browser' installs it)")
            return 77
    os.makedirs(pictures, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(programs, estate_program, folder)
        try:
            browser = Browser(os.path.join(folder, "profile"))
            try:
                story = Story(browser, server, pictures)
                print("Chromium", browser.version)
                for step in (story.signs_in, story.looks_at_the_overview, story.releases_a_machine,
                             story.resolves_a_clone, story.walks_by_keyboard, story.fits_everywhere,
                             story.hostile_names_stay_text, story.the_browser_had_nothing_to_say,
                             story.another_site_changes_nothing, story.signs_out):
                    step()
                    print("ok", step.__name__)
            finally:
                browser.close()
        except Failed as failed:
            print("FAILED:", failed)
            with open(os.path.join(folder, "log")) as log:
                print(log.read())
            return 1
        finally:
            server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
