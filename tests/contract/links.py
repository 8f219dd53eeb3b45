"""The links of a response: which parameters they give to the operation that they name."""

from typing import Any


def parameters_of(
    link: dict[str, Any], path: dict[str, Any], query: dict[str, Any], body: Any, response: Any
) -> dict[str, Any]:
    """Return the parameters of the linked operation, or nothing where one of them cannot be told.

    Args:
        link: a Link Object.
        path: the path parameters of the request.
        query: its query parameters.
        body: its body.
        response: the response.
    """
    try:
        answer = response.json()
    except ValueError:
        return {}
    found = {}
    for name, expression in link.get("parameters", {}).items():
        value = expression
        if isinstance(expression, str) and expression.startswith("$"):
            value = _value(expression, {"path": path, "query": query}, {"request": body, "response": answer})
        if value is None:
            return {}
        found[name.rpartition(".")[2]] = value
    return found


def _value(expression: str, parameters: dict[str, dict[str, Any]], bodies: dict[str, Any]) -> Any:
    source, _, rest = expression.removeprefix("$").partition(".")
    place, _, name = rest.partition(".")
    if place in parameters:
        return parameters[place].get(name)
    value = bodies[source]
    for part in rest.partition("#/")[2].split("/"):
        if isinstance(value, list):
            value = value[int(part)] if part.isdigit() and int(part) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value
