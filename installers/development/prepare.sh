#!/bin/sh
# Makes a bare Debian 12 or Ubuntu ready: missing system packages, then the locked virtual environment in .venv.
#
#   prepare.sh run     what the communicator needs
#   prepare.sh test    the same, and what the tests start beside it
#
# Does nothing when everything is there. Where it may not install packages it names them and stops.
set -eu
cd "$(dirname "$0")/../.."
purpose=${1:-run}
stamp=.venv/prepared-for-$purpose

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
            printf '%s' "$candidate"
            return 0
        fi
    done
    return 1
}

missing_packages() {
    wanted="libglib2.0-0 libegl1 libgl1 libdbus-1-3 libfontconfig1 libxkbcommon0 libgssapi-krb5-2 libxcb-cursor0
        libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0 libxcb-render-util0
        fonts-dejavu-core"
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ "$purpose" = run ] || wanted="$wanted xvfb xauth"
    [ "$purpose" = test ] && wanted="$wanted prosody profanity go-sendxmpp gajim dino-im openbox dbus-daemon iproute2 curl"
    # Ubuntu has no such package; the tests of pages are left out there
    [ "$purpose" = test ] && grep -qx 'ID=debian' /etc/os-release && wanted="$wanted chromium"
    for package in $wanted; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            dpkg-query -W -f '${db:Status-Status}\n' "${package}t64" 2>/dev/null | grep -qx installed ||
            printf '%s ' "$package"
    done
    python=$(find_python) || { printf 'python3 python3-venv '; return; }
    "$python" -c 'import ensurepip, venv' 2>/dev/null || printf 'python3-venv '
    if [ "$purpose" = test ]; then
        command -v node >/dev/null 2>&1 || printf 'nodejs '
        command -v npm >/dev/null 2>&1 || printf 'npm '
    fi
}

install_packages() {
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ]; then
        as_root=""
    elif command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        as_root=sudo
    else
        say "These packages are missing, and installing them needs an administrator:"
        say "    apt-get install --no-install-recommends $missing"
        say "Install them, then start again."
        exit 1
    fi
    say "Installing system packages: $missing"
    # shellcheck disable=SC2086 - a list of names
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2 ||
        { $as_root apt-get update -q >&2 &&
            $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2; } ||
        { say "Installing failed. Install these by hand, then start again: $missing"; exit 1; }
}

make_environment() {
    python=$(find_python) || { say "Python 3.11 or newer is needed, and none was found."; exit 1; }
    directory=$1
    wanted=$(cksum requirements.lock | cut -d ' ' -f 1,2)
    if [ -f "$directory/locked" ] && [ "$(cat "$directory/locked")" = "$wanted" ]; then
        return 0
    fi
    say "Installing the locked Python packages into $directory (once)"
    "$python" -m venv "$directory"
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
    printf '%s' "$wanted" >"$directory/locked"
}

if command -v apt-get >/dev/null 2>&1; then
    if [ ! -f "$stamp" ] || [ installers/development/prepare.sh -nt "$stamp" ]; then
        install_packages
    fi
else
    say "This is not Debian or Ubuntu: README names the libraries that Qt needs."
fi
make_environment "${ENVIRONMENT:-.venv}"
mkdir -p .venv && touch "$stamp"
