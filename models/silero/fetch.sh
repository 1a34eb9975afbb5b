#!/bin/sh
# Puts the voice activity detector's model at DIR/silero_vad.onnx.
#
#   models/silero/fetch.sh DIR
#
# The model is a file inside a Python wheel. The wheel is downloaded and opened as a zip, never installed (installing
# it would pull in a deep-learning framework of gigabytes). Safe to run again: a file that is already right is kept.
set -eu

VERSION=6.2.3
SHA256=1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3
INSIDE=silero_vad/data/silero_vad.onnx

say() { echo "models/silero: $*" >&2; }
fail() { say "$*"; exit 1; }

[ $# -eq 1 ] || fail "usage: fetch.sh DIR"
directory=$1
model=$directory/silero_vad.onnx

is_right() { [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d ' ' -f 1)" = "$SHA256" ]; }

if is_right "$model"; then
    say "$model is there already"
    exit 0
fi
command -v python3 >/dev/null || fail "python3 is missing: apt-get install python3 python3-pip, then run this again"
python3 -m pip --version >/dev/null 2>&1 || fail "pip is missing: apt-get install python3-pip, then run this again"

mkdir -p "$directory"
# Beside its destination, so that the last step is a rename within one file system.
work=$(mktemp -d "$directory/.silero.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

say "downloading the silero-vad $VERSION wheel (11 MB)"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$work" \
    "silero-vad==$VERSION" || fail "the wheel could not be downloaded: check that pip reaches its package index, then run this again"
python3 - "$work" "$INSIDE" <<'PYTHON' || fail "the wheel does not hold $INSIDE"
import pathlib, sys, zipfile
work = pathlib.Path(sys.argv[1])
(wheel,) = work.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    (work / "silero_vad.onnx").write_bytes(archive.read(sys.argv[2]))
PYTHON
is_right "$work/silero_vad.onnx" || fail "the downloaded model is not the one that was tested (its SHA-256 differs): it is not used"
mv "$work/silero_vad.onnx" "$model"
say "$model is ready"
