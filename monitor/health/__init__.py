"""Is the service alive and the news flowing: checks, health answer, notices.

What may enter: the database and a time. Reads; writes only notices, through monitor.store.
"""
