"""Addresses that mean the same page become the same text: `canonical_url`, and `normalise_guid` for entry ids.

Both are keys for comparing, not addresses for fetching. Two addresses that are wrongly held equal lose an alert, two
that are wrongly held different only repeat one: so only what is known to be noise is taken away.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

_PREFIX = re.compile(r"^(?:(?:www|m|mobile|amp|edition)\.)+(?=[^.]+\.[^.]+)")
_CACHE = re.compile(
    r"^https?://(?:(?:www\.)?google\.[a-z.]{2,6}/amp|[^/?#]+\.cdn\.ampproject\.org/[a-z])/(?:s/)?(?=[^/?#]+\.)",
    re.IGNORECASE,
)
_TRACKING = re.compile(
    r"utm_.*|at_.*|pk_.*|mtm_.*|hsa_.*|ns_(?:mchannel|source|campaign|linkname|fee)|_hs(?:enc|mi)|vero_(?:id|conv)"
    r"|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|twclid|yclid|igshid|igsh|mc_[ce]id|__twitter_impression"
    r"|cmp|cmpid|icid|ncid|ocid|smid|smtyp|s_cid|xtor|ito|spm|ftag|traffic_source|ref|ref_src|ref_url|referrer"
    r"|guccounter|guce_referrer.*|sr_share|amp|outputtype=amp|output=amp|print=(?:1|true|y|yes)|view=print|m=1",
    re.IGNORECASE,
)
_INDEX = re.compile(r"(?:index|default)\.(?:html?|php|aspx?)", re.IGNORECASE)
_AMP_FILE = re.compile(r"\.amp(?=(?:\.html?)?$)", re.IGNORECASE)
_POST = re.compile(
    r"(?=.{1,80}\Z)(?!comment|respond|disqus)(?=.*\d)[a-z_:.-]*(?:\d{5,}|[0-9a-f]{8,})[0-9a-f-]*",
    re.IGNORECASE | re.ASCII,
)
_DEFAULT_PORTS = (None, 80, 443)


def canonical_url(url: str) -> str:
    """One text for all addresses of a page; https for http and https, no user. Never raises.

    Takes away www, m, mobile, amp and edition before the host, AMP caches and suffixes, index.html, a closing slash
    and tracking parameters; sorts the other parameters. A fragment goes, unless it names one post of a live page.
    What is no http address comes back trimmed.
    """
    url = url.encode("utf-8", "ignore").decode("utf-8").strip()
    while cache := _CACHE.match(url):
        url = "https://" + url[cache.end() :]
    try:
        parts = urlsplit(url)
        host = _host(parts)
    except ValueError:
        return url
    if parts.scheme not in ("http", "https") or not host:
        return url
    query = _query(parts.query)
    post = "#" + parts.fragment if _POST.fullmatch(parts.fragment) else ""
    return f"https://{host}{_path(parts.path)}{'?' + query if query else ''}{post}"


def site_of(url: str) -> str:
    """The host of an address without www, m, mobile, amp and edition, as in `canonical_url`; "" where there is none."""
    canonical = canonical_url(url)
    return (urlsplit(canonical).hostname or "") if canonical.startswith("https://") else ""


def normalise_guid(guid: str) -> str:
    """An entry's id as a key: an address loses scheme differences and its closing slash, anything else is kept.

    Ids are text: 00123, 123 and 1e3 stay three ids.
    """
    guid = guid.encode("utf-8", "ignore").decode("utf-8").strip()
    scheme, mark, rest = guid.partition("://")
    if not mark or scheme.lower() not in ("http", "https"):
        return guid
    host, slash, path = rest.partition("/")
    return f"https://{host.lower()}{slash}{path}".rstrip("/")


def public_url(url: str) -> str:
    """The address without user info, query and fragment: fit for a message. Never raises."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a wrong address"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else f"a {parts.scheme or 'wrong'} address"


def split_login(url: str) -> tuple[str, str]:
    """The address without its user info, and the user info ("user:password", decoded) or "". Never raises."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, ""
    login, mark, host = parts.netloc.rpartition("@")
    return (parts._replace(netloc=host).geturl(), unquote(login)) if mark else (url, "")


def with_login(url: str, login: str) -> str:
    """The address with this user info ("user:password"), for the one who asks; the address itself where it is ""."""
    if not login:
        return url
    user, mark, password = login.partition(":")
    info = quote(user, safe="") + mark + quote(password, safe="")
    parts = urlsplit(url)
    return parts._replace(netloc=f"{info}@{parts.netloc.rpartition('@')[2]}").geturl()


def same_site(one: str, other: str) -> bool:
    """True where two addresses have the same host, or one host lies below the other, after `canonical_url`."""
    try:
        a, b = (urlsplit(canonical_url(url)).hostname or "" for url in (one, other))
    except ValueError:
        return False
    return bool(a and b) and (a == b or a.endswith("." + b) or b.endswith("." + a))


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        host = _ascii_host(host)
    host = _PREFIX.sub("", host)
    if ":" in host:
        host = f"[{host}]"
    return host if parts.port in _DEFAULT_PORTS else f"{host}:{parts.port}"


def _ascii_host(host: str) -> str:
    """The registered (punycode) form of a host; the host itself where it has none."""
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return quote(host)


def _path(path: str) -> str:
    segments = [part for part in unquote(path, errors="surrogateescape").split("/") if part and part.lower() != "amp"]
    while segments:
        last = _AMP_FILE.sub("", segments[-1])
        unwanted = _INDEX.fullmatch(last) or (last.lower() == "print" and len(segments) > 1)
        if last and last == segments[-1] and not unwanted:
            break
        segments[-1:] = [] if unwanted or not last else [last]
    return quote("/" + "/".join(segments), safe="/:@!$&'()*+,;=~", errors="surrogateescape") if segments else "/"


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    kept = [(name, value) for name, value in pairs if not (_is_noise(name) or _is_noise(f"{name}={value}"))]
    return urlencode(sorted(kept), errors="surrogateescape")


def _is_noise(parameter: str) -> bool:
    return _TRACKING.fullmatch(parameter) is not None
