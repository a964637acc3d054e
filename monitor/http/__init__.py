"""The network: the only room that imports an HTTP library. Bounded requests to vetted addresses.

What may enter: addresses (URLs) and bytes. Every request has an overall deadline, caps on what it reads, and an address
guard that works where the connection is made. No cookies, no proxies or credentials from the environment.
"""

from monitor.http.client import Http, HttpSettings, Response, Validators, surely_not_sent
from monitor.http.dialling import guard_process
from monitor.http.memory import Room
from monitor.http.resolver import Resolve, Resolver

__all__ = [
    "Http",
    "HttpSettings",
    "Resolve",
    "Resolver",
    "Response",
    "Room",
    "Validators",
    "guard_process",
    "surely_not_sent",
]
