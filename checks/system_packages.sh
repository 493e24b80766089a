#!/usr/bin/env bash
# Install the Debian packages that are missing, as root; otherwise print the line to run and go on.
# Usage: checks/system_packages.sh run|test
set -euo pipefail

# Letters and reports: WeasyPrint draws with Pango; without HarfBuzz's subsetter it is silently six times slower.
needed=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation)
# Debian keeps the part of Python that makes environments in a package of its own.
python3 -c 'import ensurepip, venv' 2>/dev/null || needed+=(python3-venv)
if [ "$1" = test ]; then
  # The browser without its windows: what it draws is the same, at two thirds of the work.
  needed+=(chromium-headless-shell git)
  # Servers that stand elsewhere need no packages here (TEST_DATABASE_URL, TEST_REDIS_URL).
  if [ -n "${TEST_DATABASE_URL:-}" ]; then needed+=(postgresql-client); else needed+=(postgresql); fi
  [ -n "${TEST_REDIS_URL:-}" ] || needed+=(redis-server)
fi

missing=()
for package in "${needed[@]}"; do
  [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  echo "Installing system packages: ${missing[*]}"
  apt-get update --quiet=2
  apt-get install --yes --quiet=2 --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "Some system packages are missing. On Debian, run:"
  echo "  sudo apt-get install --no-install-recommends ${missing[*]}"
fi
