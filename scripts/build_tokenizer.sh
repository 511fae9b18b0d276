#!/usr/bin/env bash
# Builds the compiled tokenizer where cargo is and installs it into the virtual environment. It is a
# matter of speed alone, so this never fails: whatever goes wrong is told in one line.
set -u
cd "$(dirname "$0")/.."
python=$1
venv=$(dirname "$(dirname "$python")")
crate=libs/xlsx-tokenizer
cache=${SLUICE_CACHE:-.cache}/tokenizer
stamp=$venv/.tokenizer
sources=$(cat $crate/Cargo.toml $crate/pyproject.toml $crate/*.pyi $crate/rust/*.rs | sha256sum | cut -c1-20)
compiler=$(cargo --version 2>/dev/null || echo "no cargo")
now="$sources, $compiler"
[ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && exit 0

without() {
  "$venv/bin/uv" pip uninstall --quiet --python "$python" sluice-xlsx-tokenizer 2>/dev/null
  echo "$1: sheets are read by the Python reader, with the same rows for about three times the CPU."
  echo "$now" > "$stamp"
  exit 0
}

build() {
  local fresh
  fresh=$(mktemp -d "$cache/build.XXXXXX") || return 1
  "$venv/bin/maturin" build --quiet --release --manifest-path $crate/Cargo.toml \
    --interpreter "$python" --target-dir "$cache/target" --out "$fresh" \
    && mkdir -p "$wheels" && mv "$fresh"/*.whl "$wheels/"
  local result=$?
  rm -rf "$fresh"
  return $result
}

wheels=$cache/$sources-$(uname -s)-$(uname -m)
if ! ls "$wheels"/*.whl >/dev/null 2>&1; then
  [ "$compiler" != "no cargo" ] || without "There is no cargo here"
  mkdir -p "$cache"
  build > "$cache/build.log" 2>&1 || without "The compiled tokenizer could not be built (see $cache/build.log)"
fi
"$venv/bin/uv" pip install --quiet --python "$python" --no-deps --reinstall "$wheels"/*.whl \
  || without "The compiled tokenizer could not be installed"
echo "$now" > "$stamp"
