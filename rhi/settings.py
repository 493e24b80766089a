"""Settings of one installation, which serves one local authority. What differs comes from the environment."""

import re
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
# What the running site writes: the embedded database and broker, the collected static files.
VAR_DIR = Path(env.str("RHI_VAR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("RHI_DEMO", default=False)
PRODUCTION = not (DEBUG or DEMO)


def needed_in_production(name: str, otherwise: str) -> str:
    """The value of an environment variable that an installation with real children may not lack."""
    value = env.str(name, default="")
    if PRODUCTION and not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Production needs it; set RHI_DEMO=1 for a demonstration with invented records."
        )
    return value or otherwise


SECRET_KEY = needed_in_production("SECRET_KEY", otherwise="demonstration-only-" + "x" * 50)
ALLOWED_HOSTS = [
    host.strip() for host in needed_in_production("ALLOWED_HOSTS", otherwise="127.0.0.1,localhost").split(",")
]

# The packages, from low to high: each may import, and hold foreign keys to, those before it (README, the map).
INSTALLED_APPS = [
    "staff",
    "procedures",
    "jobs",
    "episodes",
    "routing",
    "rhi",
    "reporting",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_forms_gds",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "staff.middleware.page_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "staff.middleware.SessionLimits",
    "staff.middleware.SignInFirst",
    "staff.middleware.SecondStepRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "staff.middleware.Denials",
]

ROOT_URLCONF = "rhi.urls"
WSGI_APPLICATION = "rhi.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "staff.demonstration.context",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["gds"]
CRISPY_TEMPLATE_PACK = "gds"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'rhi.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A writer takes its lock at the start and waits for it; without this, two writers meet "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
    # Compiling a query costs more than it saves here: of six seconds for ten years of figures, three and a half.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")

# Throttles and one-time-code guards live in the cache, so they must survive a flush of the broker.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "rhi.storage.HashedFiles"},
}

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["rhi.adapter.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Signing in: by email and password, with a code as a second step. Nobody signs up: an administrator invites.
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "rhi:home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "staff.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "staff.forms.SignInForm",
    "reauthenticate": "staff.forms.ConfirmPasswordForm",
    "change_password": "staff.forms.ChangePasswordForm",
    "reset_password": "staff.forms.ForgottenPasswordForm",
    "reset_password_from_key": "staff.forms.NewPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses come from an administrator, not from whoever types one
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
# allauth's own generator would keep a second copy of the email address, which would outlive a change of the first.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105  a class
PASSWORD_RESET_TIMEOUT = 60 * 60
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",  # a whole office signs in at nine o'clock from one address
    "login_failed": "30/m/ip,5/15m/key",  # the key is the email address, known or not
}
# Single sign-on by OpenID Connect, for instance the authority's Entra ID. Without OIDC_SERVER_URL there is none.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
SINGLE_SIGN_ON = env.str("OIDC_NAME", default="your work account") if OIDC_SERVER_URL else ""
SOCIALACCOUNT_ADAPTER = "staff.adapter.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link: a form would be stopped by the form-action that pages are sent with
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "authority",
                "name": SINGLE_SIGN_ON,
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {
                    "server_url": OIDC_SERVER_URL,
                    # Entra ID does not say that it has verified an address. Only where every address is given out by
                    # the authority itself may this be set.
                    "verified_email": env.bool("OIDC_EMAIL_VERIFIED", default=False),
                },
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}
MFA_ADAPTER = "staff.adapter.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "staff.forms.SecondStepForm",
    "reauthenticate": "staff.forms.ConfirmCodeForm",
    "activate_totp": "staff.forms.SetUpSecondStepForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Return home interviews"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # as above
SECOND_STEP_REQUIRED = PRODUCTION

# Thirty idle minutes end a session; staff.middleware ends it after twelve hours in any case.
SESSION_COOKIE_AGE = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# A file comes into memory, one at a time, and never onto the disk (rhi.papers says how large it may be).
FILE_UPLOAD_HANDLERS = ["rhi.uploads.InMemory"]
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# What browsers may do with our pages.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "staff.middleware.page_too_old"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health$"]  # asked over plain HTTP by whatever watches the process
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # data: the square code that sets up the second step
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# How many proxies stand in front and set X-Forwarded-For and X-Forwarded-Proto. With none, neither is believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"

# Email, as a URL: smtp+tls://mail.example.org:587, with user:password@ before the host. The demonstration prints it.
EMAIL = env.email_url_config(needed_in_production("EMAIL_URL", otherwise="consolemail://"))
if EMAIL["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL["EMAIL_BACKEND"] = "rhi.delivery.smtp.EmailBackend"  # the same, which knows how far it has come
vars().update(EMAIL)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default=f"no-reply@{ALLOWED_HOSTS[0].lstrip('.')}")

# Where links in emails lead: they are written by the worker, whom no request tells the site's address.
SITE_URL = env.str(
    "SITE_URL",
    default=f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if PRODUCTION else f"http://127.0.0.1:{env.str('PORT', '8000')}",
)
# How long mail server and GOV.UK Notify may take for one answer. Ten of them, as many as an email needs, stay within
# the lease of a job.
DELIVERY_TIMEOUT = env.float("DELIVERY_TIMEOUT", default=20)
# Letters by GOV.UK Notify. Without a key there is no such channel: letters are printed here and posted by hand.
NOTIFY_API_KEY = env.str("NOTIFY_API_KEY", default="")
if NOTIFY_API_KEY and not re.fullmatch(r".+(-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}){2}", NOTIFY_API_KEY):
    raise ImproperlyConfigured("NOTIFY_API_KEY is not a whole key of GOV.UK Notify: a name and two long numbers.")
NOTIFY_BASE_URL = env.str("NOTIFY_BASE_URL", default="https://api.notifications.service.gov.uk")
# With which Notify says that a letter came back (rhi.views.returned); without it nobody is believed.
NOTIFY_CALLBACK_TOKEN = env.str("NOTIFY_CALLBACK_TOKEN", default="")

# The authority's procedure that `make run` publishes on an empty database.
PROCEDURE = env.str("RHI_PROCEDURE", default="somerset")

# The modules whose actions may run as jobs, and whose SCHEDULE says which of them recur (read by jobs.declared).
JOB_MODULES = [
    "jobs.housekeeping",
    "rhi.actions.sending",
    "rhi.actions.proposing",
    "rhi.actions.reminding",
    "rhi.actions.digests",
    "reporting.actions",
]

# Celery carries ids of due rows and may lose or repeat any message (README, invariant 6).
REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object]
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        # A killed worker's messages are handed out again after ten minutes, looked for every five seconds.
        "visibility_timeout": 600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }
else:
    BROKER_DIR = VAR_DIR / "broker"
    BROKER_DIR.mkdir(exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT = "rhi.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR),
        "data_folder_out": str(BROKER_DIR),
        "control_folder": str(BROKER_DIR),
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True  # the answer of a job is its row
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=60)
# How long a worker has a job to itself, and after what times a failed one is tried again (jobs.claims).
LEASE_SECONDS = env.float("LEASE_SECONDS", default=300)
RETRY_SECONDS = env.list("RETRY_SECONDS", cast=float, default=[60, 600])
CELERY_BEAT_SCHEDULE = {
    # The one recurring message; which work is due stands in the database. A sweep that nobody took up before the
    # next one is worth nothing.
    "sweep": {"task": "jobs.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
}
