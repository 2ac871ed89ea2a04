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

# Kept from a script's reach: it may replace what stands in a module.
_dumps, _loads, _parse = json.dumps, json.loads, ast.parse
_compile, _exec, _seed = builtins.compile, builtins.exec, random.seed


class Response(dict):
    """What proxy_fetch gives: a dict of status, headers and body, which are attributes too."""

    status = property(lambda self: self["status"])
    headers = property(lambda self: self["headers"])
    body = property(lambda self: self["body"])

    def text(self):
        return self["body"]

    def json(self):
        return _loads(self["body"])


class FetchError(Exception):
    """Why a request got no response; `code` names the rule."""

    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code


class _Printed(io.TextIOBase):
    """What a script prints goes nowhere, and costs no memory."""

    def write(self, text):
        return len(str(text))


def _refused(name):
    def refuse(*_args, **_kwargs):
        raise PermissionError(f"{name} is disabled: code generation from strings is not allowed")

    refuse.__name__ = name
    return refuse


def _fetcher(exchange):
    async def proxy_fetch(url, init=None, **options):
        request = _dumps([str(url), {**(init or {}), **options} or None])
        answer = _loads(await exchange(request))
        if "response" in answer:
            return Response(answer["response"])
        raise FetchError(answer["message"], answer.get("code"))

    return proxy_fetch


def _defines_main(tree):
    return any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == "main" for node in tree.body)


def _body_as_function(tree):
    """A bare body may return and await: it becomes the body of a function."""
    names = [ast.arg("input"), ast.arg("prev"), ast.arg("proxy_fetch")]
    arguments = ast.arguments(posonlyargs=[], args=names, kwonlyargs=[], kw_defaults=[], defaults=[])
    function = ast.AsyncFunctionDef(
        name="__skill__", args=arguments, body=tree.body or [ast.Pass()], decorator_list=[], type_params=[]
    )
    return ast.fix_missing_locations(ast.Module(body=[function], type_ignores=[]))


async def _run(source, input_json, prev_json, exchange, most_chars):
    _seed()
    sys.stdout = sys.stderr = _Printed()
    proxy_fetch = _fetcher(exchange)
    blocked = {name: _refused(name) for name in ("eval", "exec", "compile")}
    namespace = {"__name__": "__main__", "proxy_fetch": proxy_fetch, "fetch": proxy_fetch, **blocked}
    input_value, prev_value = _loads(input_json), _loads(prev_json)
    tree = _parse(source, SCRIPT)
    has_main = _defines_main(tree)
    code = _compile(tree if has_main else _body_as_function(tree), SCRIPT, "exec")
    if has_main:
        namespace.update(input=input_value, prev=prev_value)
    _forbid_code_generation()
    _exec(code, namespace)
    if has_main:
        result = namespace["main"](input_value, prev_value)
    else:
        result = namespace["__skill__"](input_value, prev_value, proxy_fetch)
    if hasattr(result, "__await__"):
        result = await result
    text = _dumps(result, allow_nan=False)
    return _dumps({"type": "oversize"} if len(text) > most_chars else {"type": "result", "json": text})


def _line_of(error):
    if isinstance(error, SyntaxError):
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == SCRIPT]
    return lines[-1] if lines else None


def _describe(error):
    if isinstance(error, MemoryError):
        return _dumps({"type": "memory"})
    try:
        line = _line_of(error)
        return _dumps(
            {
                "type": "error",
                "name": type(error).__name__[:64],
                "message": str(error)[:MESSAGE_CHARS],
                "stack": "" if line is None else f"{SCRIPT}:{line}",
            }
        )
    except BaseException:
        return _dumps({"type": "error", "name": "Error", "message": "the error cannot be shown", "stack": ""})


async def __skill_entry(source, input_json, prev_json, exchange, most_chars):
    """One message for the server, as JSON text, whatever becomes of the script."""
    try:
        return await _run(source, input_json, prev_json, exchange, most_chars)
    except BaseException as error:
        return _describe(error)


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
