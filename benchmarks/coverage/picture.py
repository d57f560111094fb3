"""The chart of coverage in docs/terms.md: a planted archive, one omission and one push.

    python benchmarks/coverage/picture.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from kayfabe.dossier.charts import chart_view
from kayfabe.evidence import Evidence
from kayfabe.instruments import judge, run
from kayfabe.instruments.coverage import INSTRUMENT
from kayfabe.instruments.coverage_worlds import OUTLETS, PROVISIONS, Press, archive


def main() -> None:
    """Write coverage.svg and print what stands."""
    effect = np.zeros((OUTLETS, PROVISIONS))
    effect[2, 1], effect[4, 7] = np.log(0.03), np.log(9.0)
    sheet = archive(np.random.default_rng([2026, 5]), Press(effect=effect, articles=(60, 120)))
    evidence = Evidence.from_tables(sheet.world.tables)
    found = judge([run(INSTRUMENT, sheet.world.options, evidence)])[0]
    evidence.close()
    svg = str(chart_view(INSTRUMENT.charts(found)[0], "coverage").svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ', 1)
    Path(sys.argv[1], "coverage.svg").write_text(svg + "\n", encoding="utf-8")
    print(found.verdict, found.reason)
    for item in found.items[:4]:
        print(item.key, item.estimate, item.interval, item.q_value)


if __name__ == "__main__":
    main()
