# Runs in Pyodide behind skill.py, in its names: what proxy_fetch takes and gives.


class _Headers(dict):
    """Headers under their names in lower case, found under any."""

    def __getitem__(self, name):
        return super().__getitem__(str(name).lower())

    def __contains__(self, name):
        return super().__contains__(str(name).lower())

    def get(self, name, default=None):
        return super().get(str(name).lower(), default)


class _Text(str):
    """A text for those who call it, and for those who do not."""

    def __call__(self):
        return str(self)


class Response(dict):
    """What proxy_fetch gives: a dict of status, headers and body, which are attributes too, and what people expect of one."""

    status = status_code = property(lambda self: self["status"])
    headers = property(lambda self: self["headers"])
    body = property(lambda self: self["body"])
    ok = property(lambda self: self["status"] < 400)
    text = property(lambda self: _Text(self["body"]))

    @property
    def content(self):
        return base64.b64decode(self["body"]) if self.get("encoding") == "base64" else self["body"].encode()

    def json(self):
        return _loads(self["body"])

    def raise_for_status(self):
        if not self.ok:
            raise FetchError(f"the answer has status {self['status']}", "HTTP_STATUS")
        return self


class FetchError(Exception):
    """Why a request got no response; `code` names the rule."""

    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code


def _fetcher(exchange):
    async def proxy_fetch(url, init=None, **options):
        request = _dumps([str(url), _init_of({**(init or {}), **options}) or None])
        answer = _loads(await exchange(request))
        if "response" not in answer:
            raise FetchError(answer["message"], answer.get("code"))
        response = Response(answer["response"])
        response["headers"] = _Headers(response["headers"])
        return response

    return proxy_fetch


def _init_of(options):
    """The options of a request, by the names that other libraries have for them too."""
    init = {name: value for name, value in options.items() if name not in ("params", "json", "data", "timeout")}
    if "params" in options:
        init["query"] = dict(options["params"] or {})
    if "json" in options:
        init["body"] = options["json"]
    data = options.get("data", init.get("body"))
    if isinstance(data, (bytes, bytearray, memoryview)):
        init.update(body=base64.b64encode(bytes(data)).decode(), encoding="base64")
    elif "data" in options:
        init["body"] = urllib.parse.urlencode(data) if isinstance(data, dict) else data
        if isinstance(data, dict):
            form = {"content-type": "application/x-www-form-urlencoded"}
            init["headers"] = {**form, **{str(k).lower(): v for k, v in (init.get("headers") or {}).items()}}
    return init
