#!/bin/sh
# Make the virtual environment and install qlocal with its development tools into it.
set -eu

if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 …" >&2
    exit 1
fi

# A venv that was cut off half way has no pip.
if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$VENV"
    if ! "$PYTHON" -m venv "$VENV" >/dev/null 2>&1; then
        # Debian keeps venv's parts in a package of its own.
        rm -rf "$VENV"
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
            "$PYTHON" -m venv "$VENV"
        else
            echo "Python cannot make virtual environments here; on Debian and Ubuntu:" >&2
            echo "    sudo apt-get install python3-venv" >&2
            exit 1
        fi
    fi
fi

echo "installing qlocal into $VENV"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
