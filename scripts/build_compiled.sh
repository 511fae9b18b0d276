#!/usr/bin/env bash
# Builds the compiled packages where cargo is and installs them into the virtual environment. They are
# a matter of speed alone, so this never fails: whatever goes wrong is told in one line. Where cargo
# is, what went wrong is tried and told again at each run.
set -u
cd "$(dirname "$0")/.."
python=$1
venv=$(dirname "$(dirname "$python")")
cache=${SLUICE_CACHE:-.cache}/compiled
NO_CARGO=2
compiler=$(cargo --version 2>/dev/null || echo "no cargo")

# Without a compiled package something else does its work.
instead() {
  case $1 in
    xlsx-tokenizer) echo "sheets are read by the Python reader, with the same rows for about three times the CPU" ;;
    copy-encoder) echo "rows for COPY are made by Arrow's kernels, the same bytes for about four times the CPU" ;;
  esac
}

build() { # crate, folder of its wheel; the target folder is shared: pyo3 is compiled once
  local fresh
  fresh=$(mktemp -d "$cache/build.XXXXXX") || return 1
  "$venv/bin/maturin" build --quiet --release --manifest-path "libs/$1/Cargo.toml" \
    --interpreter "$python" --target-dir "$cache/target" --out "$fresh" \
    && mkdir -p "$2" && mv "$fresh"/*.whl "$2/"
  local result=$?
  rm -rf "$fresh"
  return $result
}

put() { # crate, folder of its wheel, log; prints what went wrong
  mkdir -p "$cache"
  if ! ls "$2"/*.whl >/dev/null 2>&1; then
    [ "$compiler" != "no cargo" ] || { echo "There is no cargo here"; return $NO_CARGO; }
    build "$1" "$2" > "$3" 2>&1 || { echo "libs/$1 could not be built (see $3)"; return 1; }
  fi
  "$venv/bin/uv" pip install --quiet --python "$python" --no-deps --reinstall "$2"/*.whl \
    >> "$3" 2>&1 || { echo "libs/$1 could not be installed (see $3)"; return 1; }
}

for crate in xlsx-tokenizer copy-encoder; do
  folder=libs/$crate
  stamp=$venv/.$crate
  sources=$(cat $folder/Cargo.toml $folder/pyproject.toml $folder/*.pyi $folder/rust/*.rs | sha256sum | cut -c1-20)
  now="$sources, $compiler"
  [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && continue
  trouble=$(put "$crate" "$cache/$crate-$sources-$(uname -s)-$(uname -m)" "$cache/$crate.log")
  result=$?
  if [ $result != 0 ]; then
    "$venv/bin/uv" pip uninstall --quiet --python "$python" "sluice-$crate" 2>/dev/null
    echo "$trouble: $(instead "$crate")."
    [ $result = $NO_CARGO ] || continue
  fi
  echo "$now" > "$stamp"
done
