#!/usr/bin/env bash
# Prints a Python that can make our virtual environment, or says in one message what is missing.
set -eu
for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
  [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
  "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
  if "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
    command -v "$candidate"
    exit 0
  fi
  no_venv=$candidate
done
sudo_prefix=""
[ "$(id -u)" = 0 ] || sudo_prefix="sudo -n"
if command -v apt-get >/dev/null 2>&1; then
  if { $sudo_prefix apt-get update -qq && $sudo_prefix apt-get install -y -qq --no-install-recommends \
       python3 python3-venv; } >/dev/null 2>&1 \
     && python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    command -v python3
    exit 0
  fi
fi
echo "Sluice needs Python 3.11 or newer with its venv module${no_venv:+ ($no_venv has none)}." >&2
echo "Install it (on Debian or Ubuntu: apt-get install python3 python3-venv) and try again." >&2
exit 1
