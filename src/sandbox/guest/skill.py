# Runs in Pyodide, before any publisher's code: what calls a skill's script, and what a script may not do.
# It is part of the memory snapshot, so the usual modules are imported once and for all.
import ast
import asyncio
import base64
import builtins
import collections
import copy
import csv
import dataclasses
import datetime
import decimal
import enum
import functools
import gc
import hashlib
import html
import io
import itertools
import json
import math
import operator
import random
import re
import statistics
import string
import sys
import textwrap
import traceback
import typing
import urllib.parse
import uuid

SCRIPT = "skill.py"
MESSAGE_CHARS = 2_000
PRINTED_CHARS = 65_536
PRINTED_LINES = 200

# Kept from a script's reach: it may replace what stands in a module.
_dumps, _loads, _parse = json.dumps, json.loads, ast.parse
_compile, _exec, _seed = builtins.compile, builtins.exec, random.seed


class _Printed(io.TextIOBase):
    """What a script prints: its first lines are kept, where somebody wants them."""

    def __init__(self):
        self._kept = []
        self._room = PRINTED_CHARS

    def write(self, text):
        text = str(text)
        if self._room > 0:
            self._kept.append(text[: self._room])
            self._room -= len(text)
        return len(text)

    def lines(self):
        return [line[:MESSAGE_CHARS] for line in "".join(self._kept).splitlines()[:PRINTED_LINES]]


_printed = _Printed()


def _refused(name):
    def refuse(*_args, **_kwargs):
        raise PermissionError(f"{name} is disabled: code generation from strings is not allowed")

    refuse.__name__ = name
    return refuse


def _call_main(main, input_value, prev_value):
    """main(input, prev), main(input), main(prev) or main(), as it is written."""
    code = getattr(main, "__code__", None)
    if code is None or code.co_flags & 0x04:
        return main(input_value, prev_value)
    names = code.co_varnames[: code.co_argcount]
    values = (prev_value,) if names[:1] == ("prev",) else (input_value, prev_value)
    return main(*values[: len(names)])


class _Refused(BaseException):
    """No Exception, so that a script that catches those does not catch it."""


_refusals = []


def _fail(code):
    """Ends the run by a rule of the script's own: what it does afterwards counts for nothing."""
    if not isinstance(code, str):
        raise TypeError("fail takes the code of a refusal, which is a text")
    _refusals.append(code[:MESSAGE_CHARS])
    raise _Refused


def _plain(value):
    """What JSON has no word for, as a Python programmer expects it."""
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=lambda one: (str(type(one)), one))
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, uuid.UUID):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, (collections.deque, range)) or hasattr(value, "__next__"):
        return list(value)
    raise TypeError(f"a {type(value).__name__} is no JSON: return dicts, lists, texts, numbers, true, false or None")


async def _run(source, input_json, prev_json, exchange, most_chars):
    _seed()
    sys.stdout = sys.stderr = _printed
    asyncio.run = _run_without_waiting
    proxy_fetch = _fetcher(exchange)
    blocked = {name: _refused(name) for name in ("eval", "exec", "compile")}
    input_value, prev_value = _loads(input_json), _loads(prev_json)
    tree = _parse(source.removeprefix("\ufeff"), SCRIPT)
    is_bare = _is_bare(tree)
    namespace = {"__name__": "__main__" if is_bare else "skill", "proxy_fetch": proxy_fetch, "fetch": proxy_fetch, "fail": _fail, **blocked}
    code = _code_of(tree, is_bare)
    if not is_bare:
        namespace.update(input=input_value, prev=prev_value)
    _forbid_code_generation()
    _exec(code, namespace)
    if is_bare:
        result = namespace["__skill__"](input_value, prev_value, proxy_fetch)
    else:
        result = _call_main(namespace["main"], input_value, prev_value)
    if hasattr(result, "__await__"):
        result = await result
    text = _dumps(result, allow_nan=False, default=_plain)
    return {"type": "oversize"} if len(text) > most_chars else {"type": "result", "json": text}


def _code_of(tree, is_bare):
    return _compile(_body_as_function(tree) if is_bare else _with_main(tree), SCRIPT, "exec")


def __skill_parse(source):
    """The message to the server on whether a script parses. Nothing of it runs."""
    try:
        tree = _parse(source.removeprefix("\ufeff"), SCRIPT)
        _code_of(tree, _is_bare(tree))
        return _dumps({"type": "result", "json": "null"})
    except BaseException as error:
        return _dumps(_describe(error))


def _line_of(error):
    if isinstance(error, SyntaxError):
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == SCRIPT]
    return lines[-1] if lines else None


def _describe(error):
    if isinstance(error, MemoryError):
        return {"type": "memory"}
    try:
        line = _line_of(error)
        return {
            "type": "error",
            "name": type(error).__name__[:64],
            "message": _explained(error)[:MESSAGE_CHARS],
            "stack": "" if line is None else f"{SCRIPT}:{line}",
        }
    except BaseException:
        return {"type": "error", "name": "Error", "message": "the error cannot be shown", "stack": ""}


def _explained(error):
    """What an error says, with the way out where a script looked for what is not here."""
    if isinstance(error, ModuleNotFoundError):
        way = "proxy_fetch makes requests" if error.name in _REQUESTERS else "the standard library is here, packages are not"
        return f"no module named {error.name}: {way}"
    if type(error).__name__ == "ZoneInfoNotFoundError":
        return "the table of time zones is not here: use datetime.timezone with an offset, or UTC"
    return str(error)


_REQUESTERS = ("requests", "httpx", "aiohttp", "urllib3")


async def __skill_entry(source, input_json, prev_json, exchange, most_chars):
    """What is to be told to the server, as JSON text, whatever becomes of the script: its lines, and one message."""
    try:
        told = await _run(source, input_json, prev_json, exchange, most_chars)
    except BaseException as error:
        told = _describe(error)
    if _refusals:
        told = {"type": "refused", "code": _refusals[0]}
    lines = _printed.lines()
    _printed.__init__()
    return _dumps({"printed": lines, "told": told})


def _forget_javascript():
    """
    Takes away every name that leads from Python to Pyodide's own objects. Called once, when all is loaded. What holds a
    script in is not this but the isolate: there, no function makes code from text.
    """
    from _pyodide import _importhook

    _importhook.jsfinder.jsproxies.clear()
    for thing in gc.get_objects():
        if isinstance(thing, _importhook.JsLoader):
            thing.jsproxy = None
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("js", "pyodide_js", "_pyodide_core"):
            del sys.modules[name]
            continue
        for attribute, value in list(vars(module).items()):
            # Python's event loop needs this one. It leads to JavaScript's own objects, and to none of Pyodide's or the host's.
            if hasattr(type(value), "js_id") and attribute != "scheduleCallback":
                delattr(module, attribute)


_guarded = False


def _forbid_code_generation():
    """
    Refuses to make code out of text in a script's name, and lets the library do so for itself. A courtesy that keeps
    sealed code honest: what holds a script in is the isolate around Python, and the process around that.
    """
    global _guarded
    if _guarded:
        return
    _guarded = True
    getframe = sys._getframe
    events = frozenset(("compile", "exec", "code.__new__", "marshal.loads", "function.__new__"))
    library = (
        "<frozen importlib",
        "<frozen zipimport",
        "/annotationlib.py",
        "/collections/__init__.py",
        "/dataclasses.py",
        "/enum.py",
        "/functools.py",
        "/reprlib.py",
        "/typing.py",
    )

    def hook(event, _args):
        if event not in events:
            return
        try:
            frame = getframe(1)
        except ValueError:
            return
        caller = frame.f_code.co_filename
        if caller != SCRIPT and (frame.f_globals is globals_of_this or any(part in caller for part in library)):
            return
        while frame is not None:
            if frame.f_code.co_filename == SCRIPT:
                raise PermissionError(f"{event} is disabled: code generation from strings is not allowed")
            frame = frame.f_back

    globals_of_this = globals()
    sys.addaudithook(hook)
