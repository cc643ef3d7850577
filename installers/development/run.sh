#!/bin/sh
# Opens the communicator; without a display, takes the guided tour on a virtual screen instead.
set -eu
cd "$(dirname "$0")/../.."
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec .venv/bin/python -m communicator "$@"
fi
folder=$PWD/tour
echo "There is no display here, so the guided tour runs on a virtual screen."
xvfb-run --auto-servernum --server-args='-screen 0 1600x1000x24' .venv/bin/python -m communicator --tour "$folder"
echo "The pictures are in $folder"
