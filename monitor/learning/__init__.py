"""Seed articles become proposed rules: target names, keywords, evidence, report.

What may enter: texts and background counts. Pure; `cli` reads the seeds and writes what is proposed.
"""
