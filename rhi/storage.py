"""Static files under names that carry a hash of their content, so that browsers may keep them for good."""

# mypy: allow-subclassing-any
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class HashedFiles(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True  # a script's imports get their hashed names too
