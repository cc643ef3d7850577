#!/bin/sh
# Collects what is to be translated into resources/translations/*.ts, and compiles what is translated there into *.qm.
# Translate between two runs, by hand or with pyside6-linguist. A test refuses what is missing or unfinished.
set -eu
cd "$(dirname "$0")/../.."
catalogues=resources/translations
sources=$(find communicator -name '*.py' | LC_ALL=C sort)
update() {
    # shellcheck disable=SC2086 - a list of names
    .venv/bin/pyside6-lupdate -silent -no-obsolete -locations none -tr-function-alias QT_TRANSLATE_NOOP+=sentence \
        -source-language en "$@" $sources -ts "$catalogue"
}
catalogue=$catalogues/parlour_en.ts update -target-language en -pluralonly
catalogue=$catalogues/parlour_de.ts update -target-language de
.venv/bin/pyside6-lrelease -silent "$catalogues"/parlour_*.ts
