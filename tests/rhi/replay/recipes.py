"""How every address that takes a POST is brought to the point where a POST succeeds. Add an address, add it here.

A recipe answers the request that changes something, in a case of its own. An address whose requests differ in kind has
one for each.
"""

from collections import defaultdict

#: By the name of the address: the recipes of it, by the kind of request where there are several.
RECIPES = defaultdict(dict)
#: Addresses whose POST changes nothing of ours, with what it is instead. That nothing changes is tried too.
READING = {
    "rhi:find": "A search: the words lie in the session, and the trail has a line.",
    "rhi:trail": "A search of the trail, which has a line of it.",
}
#: Addresses of which no replay is tried, and why.
EXEMPT = {
    "account_login": "allauth’s: a second sign-in makes another session of the same person.",
    "account_logout": "allauth’s: signing out twice leaves one signed out.",
    "account_reauthenticate": "allauth’s: confirming who one is changes only one’s own session.",
    "account_change_password": "allauth’s: the second one no longer knows the old password.",
    "account_reset_password": "allauth’s: each asks for a link, and how often is limited by allauth.",
    "account_reset_password_from_key": "allauth’s: the link is used up by the first.",
    "mfa_authenticate": "allauth’s: a code is taken once.",
    "mfa_reauthenticate": "allauth’s: confirming who one is changes only one’s own session.",
    "mfa_activate_totp": "allauth’s: a second step that is set up cannot be set up again.",
    "mfa_deactivate_totp": "allauth’s: what is off is not there to be switched off.",
    "mfa_download_recovery_codes": "allauth’s: it only reads.",
    "mfa_generate_recovery_codes": "allauth’s: new codes replace the old; those shown last are the valid ones.",
}


def sends(name, kind=""):
    """Enter a recipe: a function of the scene that answers what is sent."""

    def entered(recipe):
        RECIPES[name][kind] = recipe
        return recipe

    return entered
