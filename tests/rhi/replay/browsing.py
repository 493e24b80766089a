"""What a browser would send of a page's form: its fields as they stand, and what somebody typed."""

from html.parser import HTMLParser

SKIPPED = {"submit", "button", "image", "reset"}


class Forms(HTMLParser):
    """Every form of a page that is sent by POST, as a mapping of field to the values that it would send."""

    def __init__(self):
        super().__init__()
        self.found, self.form, self.select, self.area, self.first = [], None, None, None, None

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        if tag == "form":
            self.form = {}
            if of.get("method", "").lower() == "post":
                self.found.append(self.form)
        elif self.form is None:
            return
        elif tag == "input" and of.get("name") and of.get("type") not in SKIPPED:
            if of.get("type") not in ("radio", "checkbox") or "checked" in of:
                self.form.setdefault(of["name"], []).append(of.get("value") or "")
        elif tag == "select":
            self.select, self.first = of.get("name"), None
            self.form.setdefault(self.select, [])
        elif tag == "option" and self.select:
            self.first = self.first if self.first is not None else of.get("value", "")
            if "selected" in of:
                self.form[self.select].append(of.get("value", ""))
        elif tag == "textarea":
            self.area = of.get("name")
            self.form[self.area] = [""]

    def handle_data(self, data):
        if self.form is not None and self.area:
            self.form[self.area][0] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select" and self.select:
            self.form[self.select] = self.form[self.select] or [self.first or ""]
            self.select = None
        elif tag == "textarea" and self.area:
            self.form[self.area][0] = self.form[self.area][0].removeprefix("\n")
            self.area = None


def forms_of(response):
    """The forms of a page, each with its fields as they stand."""
    parser = Forms()
    parser.feed(response.content.decode())
    return parser.found


def filled_in(response, typed):
    """The form of a page in which all of this can be typed, with that; the last one where several can."""
    fitting = [form for form in forms_of(response) if typed.keys() & form.keys()] or forms_of(response)[-1:]
    assert fitting, "This page has no form."
    sent = {name: value for name, value in fitting[-1].items() if name != "csrfmiddlewaretoken"}
    return sent | {name: value if isinstance(value, list) else [value] for name, value in typed.items()}
