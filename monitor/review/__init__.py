"""What reviewers ask and say: rows made to be read, and their verdicts.

What may enter: a database and a person's words. Writes only through monitor.store.
"""
