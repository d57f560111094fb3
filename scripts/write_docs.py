"""Writes docs/instruments/NAME.md from the declarations: python scripts/write_docs.py [--check]"""

import sys
from pathlib import Path

from kayfabe.instruments import Instrument, instruments

FOLDER = Path(__file__).parents[1] / "docs" / "instruments"


def page(instrument: Instrument) -> str:
    method = instrument.method()
    lines = [f"# {instrument.name}", "", f"*{instrument.question}*", "", method["summary"], ""]
    lines += [f"Tests claims of kind: {', '.join(instrument.kinds)}.", ""]
    lines += ["| reads | for | columns |", "|---|---|---|"]
    lines += [f"| {n.table} | {n.role} | {', '.join(n.columns)} |" for n in instrument.needs]
    lines += ["", "## Method", ""]
    for name in ("Estimand", "Null", "Assumes", "Abstains", "References"):
        lines += [f"**{name}.** {method[name]}", ""]
    excludable = instrument.margin if instrument.excludable is None else instrument.excludable
    lines += [f"Margin: {instrument.margin:g} ({instrument.unit}); excludable effect: {excludable:g}.", ""]
    lines += ["## Options", "", "| option | takes | meaning |", "|---|---|---|"]
    for o in instrument.options:
        takes = ", ".join(o.choices) if o.choices else {"actors": "names", "label": "issue label"}.get(o.type, o.type)
        default = f" (default {o.default})" if o.default is not None else " (needed)" if o.required else ""
        lines.append(f"| --{o.name} | {takes} | {o.help}{default} |")
    lines += ["", f"    kayfabe test {instrument.name} --evidence STORE " + " ".join(f"--{o.name} …" for o in instrument.options if o.required), ""]
    return "\n".join(lines)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, instrument in instruments().items():
        path = FOLDER / f"{name}.md"
        text = page(instrument)
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"docs of {', '.join(stale)} are stale: python scripts/write_docs.py")


if __name__ == "__main__":
    main()
