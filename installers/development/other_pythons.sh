#!/bin/sh
# Runs the unit and interface tests on Python 3.12 and 3.13, each where it is found.
set -eu
cd "$(dirname "$0")/../.."
for version in 3.12 3.13; do
    found=""
    for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python3; do
        if "$candidate" -c "import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
            found=$candidate
            break
        fi
    done
    if [ -z "$found" ]; then
        echo "Python $version is not here: its tests are left out."
        continue
    fi
    echo "Tests on Python $version"
    PYTHON=$found ENVIRONMENT=.venv-$version installers/development/prepare.sh test
    QT_QPA_PLATFORM=offscreen ".venv-$version/bin/python" -m pytest tests/unit tests/fuzz -q -n auto
    QT_QPA_PLATFORM=offscreen ".venv-$version/bin/python" -m pytest tests/ui -q
done
