"""Strict JSON, base64url, hex and the calendar: docs/format.md section 0."""

import base64
import datetime
import re

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1


class Malformed(Exception):
    """The bytes or the value are not in the published form."""


# --- strict JSON ---------------------------------------------------------------------------------

_SPACE = re.compile(r"[ \t\n\r]*")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_HEX4 = re.compile(r"[0-9a-fA-F]{4}")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def parse_json(data):
    """One JSON value from bytes, with everything refused that two readers could take differently."""
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Malformed("not UTF-8")
    value, at = _value(text, _skip(text, 0), 0)
    if _skip(text, at) != len(text):
        raise Malformed("something after the value")
    return value


def _skip(text, at):
    return _SPACE.match(text, at).end()


def _value(text, at, depth):
    first = text[at : at + 1]
    if first == "{":
        return _object(text, at, depth + 1)
    if first == "[":
        return _array(text, at, depth + 1)
    if first == '"':
        return _string(text, at)
    for word, value in (("true", True), ("false", False), ("null", None)):
        if text.startswith(word, at):
            return value, at + len(word)
    return _integer(text, at)


def _object(text, at, depth):
    if depth > MAX_DEPTH:
        raise Malformed("too deep")
    result = {}
    at = _skip(text, at + 1)
    if text[at : at + 1] == "}":
        return result, at + 1
    while True:
        if text[at : at + 1] != '"':
            raise Malformed("a key is missing")
        key, at = _string(text, at)
        if key in result or key == "__proto__":
            raise Malformed("a key that is refused")
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise Malformed("a colon is missing")
        result[key], at = _value(text, _skip(text, at + 1), depth)
        at = _skip(text, at)
        end = text[at : at + 1]
        if end == "}":
            return result, at + 1
        if end != ",":
            raise Malformed("a comma is missing")
        at = _skip(text, at + 1)


def _array(text, at, depth):
    if depth > MAX_DEPTH:
        raise Malformed("too deep")
    result = []
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return result, at + 1
    while True:
        value, at = _value(text, at, depth)
        result.append(value)
        at = _skip(text, at)
        end = text[at : at + 1]
        if end == "]":
            return result, at + 1
        if end != ",":
            raise Malformed("a comma is missing")
        at = _skip(text, at + 1)


def _string(text, at):
    parts = []
    at += 1
    while True:
        plain = _PLAIN.match(text, at)
        parts.append(plain.group())
        at = plain.end()
        mark = text[at : at + 1]
        if mark == '"':
            return "".join(parts), at + 1
        if mark != "\\":
            raise Malformed("a string without end, or a raw control character")
        escape = text[at + 1 : at + 2]
        if escape == "u":
            unit = _hex4(text, at + 2)
            at += 6
            if 0xD800 <= unit < 0xDC00 and text.startswith("\\u", at):
                low = _hex4(text, at + 2)
                if not 0xDC00 <= low < 0xE000:
                    raise Malformed("half a surrogate pair")
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
                at += 6
            elif 0xD800 <= unit < 0xE000:
                raise Malformed("half a surrogate pair")
            parts.append(chr(unit))
        elif escape in _ESCAPES and escape:
            parts.append(_ESCAPES[escape])
            at += 2
        else:
            raise Malformed("an unknown escape")


def _hex4(text, at):
    digits = _HEX4.match(text, at)
    if not digits:
        raise Malformed("an escape without digits")
    return int(digits.group(), 16)


def _integer(text, at):
    digits = _INTEGER.match(text, at)
    if not digits:
        raise Malformed("no value")
    word = digits.group()
    if word == "-0" or len(word) > 17 or text[digits.end() : digits.end() + 1] in (".", "e", "E"):
        raise Malformed("a number that is refused")
    value = int(word)
    if abs(value) > MAX_INTEGER:
        raise Malformed("a number that is refused")
    return value, digits.end()


# --- base64url and hex ---------------------------------------------------------------------------

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")


def from_base64url(text, length=None):
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise Malformed("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if to_base64url(data) != text or length not in (None, len(data)):
        raise Malformed("not base64url of that length")
    return data


def to_base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_hex(text, length=None):
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise Malformed("not hex")
    data = bytes.fromhex(text[2:])
    if length not in (None, len(data)):
        raise Malformed("not hex of that length")
    return data


def to_hex(data):
    return "0x" + data.hex()


# --- days, in China time -------------------------------------------------------------------------

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\+08:00")
_EPOCH = datetime.date(1970, 1, 1).toordinal()


def day_number(text):
    """Days since 1970-01-01 of `YYYY-MM-DD`."""
    parts = _DAY.fullmatch(text) if isinstance(text, str) else None
    if not parts:
        raise Malformed("not a day")
    year, month, day = (int(part) for part in parts.groups())
    if year < 1900:
        raise Malformed("a year that is refused")
    try:
        return datetime.date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        raise Malformed("no such day")


def event_day(text):
    """The day of an `eventTime`, which is a day or an instant."""
    instant = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if not instant:
        return day_number(text)
    if int(instant.group(2)) > 23 or int(instant.group(3)) > 59 or int(instant.group(4)) > 59:
        raise Malformed("no such time")
    return day_number(instant.group(1))


def day_of_time(seconds):
    return (seconds + 8 * 3600) // 86400


def first_day_of_year(year):
    return datetime.date(year, 1, 1).toordinal() - _EPOCH
