"""What every response tells browsers, whatever kind of response it is."""

HEADERS = {
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
#: Around a PDF a browser puts a viewer with styles and pictures of its own, which these would stop.
NOT_OF_A_PDF = {"default-src", "style-src", "img-src"}
POLICY_OF_A_PDF = {name: sources for name, sources in POLICY.items() if name not in NOT_OF_A_PDF}


def protection(answer):
    """The headers of protection, and the policy rule by rule."""
    rules = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
    return {name: answer.headers.get(name) for name in HEADERS}, rules
