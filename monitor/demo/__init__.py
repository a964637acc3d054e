"""The whole service at work on this machine: a feed server, a receiver, and the daemon as a person runs it.

What may enter: a folder with a demo's articles. Uses the product's own command; nothing here decides anything.
"""
