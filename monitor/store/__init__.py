"""SQLite: schema and migrations, reviewers' views, and the one writer.

What may enter: nouns of the model. All SQL stands here; every write goes through `Database.writing()`.
"""
