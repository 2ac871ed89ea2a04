# Runs in Pyodide behind skill.py, in its names: a script as its author writes it, made into what can be called.


_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def _own_nodes(tree):
    """The nodes of a body without those of the functions and classes in it."""
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _INNER):
            waiting.extend(ast.iter_child_nodes(node))


def _defines_main(tree):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, functions) and node.name == "main" for node in tree.body)


def _is_bare(tree):
    """A body that returns, or that has no main to be called."""
    return any(isinstance(node, ast.Return) for node in _own_nodes(tree)) or not _defines_main(tree)


def _is_asyncio_run(node):
    function = node.func if isinstance(node, ast.Call) and node.args else None
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "run"
        and isinstance(function.value, ast.Name)
        and function.value.id == "asyncio"
    )


class _Awaiting(ast.NodeTransformer):
    """`asyncio.run(x)` where a loop runs already: `await x`."""

    def visit_Call(self, node):
        self.generic_visit(node)
        return ast.copy_location(ast.Await(value=node.args[0]), node) if _is_asyncio_run(node) else node

    def _leave(self, node):
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = _leave


def _awaiting(nodes):
    return [_Awaiting().visit(node) for node in nodes]


def _body_as_function(tree):
    """A bare body may return and await: it becomes the body of a function."""
    is_star = lambda node: isinstance(node, ast.ImportFrom) and node.names[0].name == "*"  # noqa: E731
    stars = [node for node in tree.body if is_star(node)]
    body = _awaiting(node for node in tree.body if not is_star(node))
    parameters = ("input", "prev", "proxy_fetch")
    shared = sorted({name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names})
    shared = [name for name in shared if name not in parameters]
    declared = [ast.Global(names=shared)] if shared else []
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(name) for name in parameters], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    function = ast.AsyncFunctionDef(
        name="__skill__", args=arguments, body=[*declared, *body] or [ast.Pass()], decorator_list=[], type_params=[]
    )
    return ast.fix_missing_locations(ast.Module(body=[*stars, function], type_ignores=[]))


def _with_main(tree):
    """A module with a main: what would run main by itself is left out, and main may wait."""
    body = []
    for node in tree.body:
        if isinstance(node, ast.Expr) and _is_asyncio_run(node.value):
            continue
        if isinstance(node, ast.FunctionDef) and node.name == "main":
            waits = any(_is_asyncio_run(inner) for inner in _own_nodes(node))
            if waits:
                fields = {name: getattr(node, name) for name in node._fields}
                node = ast.copy_location(ast.AsyncFunctionDef(**{**fields, "body": _awaiting(node.body)}), node)
        body.append(node)
    return ast.fix_missing_locations(ast.Module(body=body, type_ignores=[]))


def _run_without_waiting(coroutine, **_options):
    """asyncio.run in a function that is not async: right as long as nothing has to be waited for."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value
    coroutine.close()
    raise RuntimeError("asyncio.run cannot wait here, where a loop runs already: make the function async, and await it")
