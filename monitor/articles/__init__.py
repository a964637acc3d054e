"""An entry's page becomes text: extraction, canonical address, near-duplicate sketch.

What may enter: HTML and entries. `extract` and `sketch` are pure; pages are fetched through monitor.http.
"""
