#!/bin/sh
# Takes the guided tour on a virtual screen and says where the pictures are.
set -eu
cd "$(dirname "$0")/../.."
folder=${1:-$PWD/tour}
xvfb-run --auto-servernum --server-args='-screen 0 1600x1000x24' .venv/bin/python -m communicator --tour "$folder"
echo "The pictures are in $folder"
