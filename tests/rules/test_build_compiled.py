"""What stood in the way of a compiled package is tried again, and told each time."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.documents import ROOT

CRATES = ("xlsx-tokenizer", "copy-encoder")
CARGO = '[ -e "$WORLD/cargo-is-there" ] && echo cargo 1.0'
MATURIN = """\
[ -e "$WORLD/crates-are-there" ] || { echo "no route to the crates"; exit 1; }
for out; do :; done
touch "$out/made.whl"
"""
UV = '[ "$2" = uninstall ] || [ -e "$WORLD/crates-are-there" ]'


class Clone:
    """A clone with tools of ours, which do what lies in its folder says."""

    def __init__(self, root: Path) -> None:
        self.root = root
        tools = {"cargo": CARGO, "venv/bin/maturin": MATURIN, "venv/bin/uv": UV}
        texts = {name: f"#!/bin/sh\n{text}\n" for name, text in tools.items()}
        for crate in CRATES:
            for name in ("Cargo.toml", "pyproject.toml", "names.pyi", "rust/lib.rs"):
                texts[f"libs/{crate}/{name}"] = crate
        for name, text in texts.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
            (root / name).chmod(0o755)
        (root / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "build_compiled.sh", root / "scripts")

    def has(self, what: str) -> None:
        (self.root / f"{what}-is-there".replace("crates-is", "crates-are")).touch()

    def build(self) -> list[str]:
        """Return the lines that are told."""
        env = {"PATH": f"{self.root}:{os.environ['PATH']}", "WORLD": str(self.root)}
        done = subprocess.run(
            [self.root / "scripts" / "build_compiled.sh", self.root / "venv/bin/python"],
            env=env, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.splitlines()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_a_failed_build_is_told_each_time_with_its_log_until_it_comes_right(clone: Clone) -> None:
    clone.has("cargo")
    for _ in range(2):
        told = clone.build()
        assert [line.split()[0] for line in told] == [f"libs/{crate}" for crate in CRATES]
        for crate, line in zip(CRATES, told, strict=True):
            log = f".cache/compiled/{crate}.log"
            assert f"(see {log})" in line
            assert "no route" in (clone.root / log).read_text()
    clone.has("crates")
    assert clone.build() == []
    assert all((clone.root / "venv" / f".{crate}").exists() for crate in CRATES)


def test_without_cargo_it_is_told_once(clone: Clone) -> None:
    assert len(clone.build()) == 2
    assert clone.build() == []
    clone.has("cargo")
    assert len(clone.build()) == 2, "cargo came, and the crates are out of reach"
