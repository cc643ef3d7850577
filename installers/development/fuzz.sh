#!/bin/sh
# Fuzzes framing, SASL, addresses and stanza readers, SECONDS for each; the corpus stays in .cache/fuzz.
# atheris is installed where there is one for this system and Python; else Hypothesis draws by chance.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
python=.venv/bin/python
if ! "$python" -c 'import atheris' 2>/dev/null; then
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
        -r tests/fuzz/requirements.lock || echo "There is no atheris for this computer: fuzzing goes by chance."
fi
for target in framer sasl stanzas addresses; do
    echo "Fuzzing $target for $seconds seconds"
    PYTHONPATH=. "$python" -m tests.fuzz.run "$target" "$seconds" .cache/fuzz
done
