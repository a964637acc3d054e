r"""Seed articles become proposed rules: target names, keywords, evidence, report.

What may enter: texts and background counts. Deciding is pure; `files`, `trial` and `corpus.read_seeds` touch files.

    seeds = read_seeds(Path("seeds"))
    material = read_material(Path("rules"), out)
    proposal = learn(seeds, material)
    told = report(proposal, material, leave_one_out(seeds, material), fires_on(proposal, material, articles))
    print("\\n".join(lines(told)))
    write(proposal, material, out, accept=accept)
"""

from monitor.learning.corpus import Seed, read_seeds
from monitor.learning.files import Written, read_material, write
from monitor.learning.learn import Material, Proposal, learn
from monitor.learning.report import diff, lines, report
from monitor.learning.trial import Background, Fired, HeldOut, fires_on, leave_one_out

__all__ = [
    "Background",
    "Fired",
    "HeldOut",
    "Material",
    "Proposal",
    "Seed",
    "Written",
    "diff",
    "fires_on",
    "learn",
    "leave_one_out",
    "lines",
    "read_material",
    "read_seeds",
    "report",
    "write",
]
