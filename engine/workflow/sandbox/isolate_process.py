"""The child that renders templates and runs JavaScript: `python -I isolate_process.py LIMITS`.

It gives up memory, files and processes first, then answers one JSON line for each JSON line: `{"kind", "source",
"values"}` → `{"value"}`, or `{"error", "type"}`. It imports nothing of the program.
"""

import json
import math
import resource
import signal
import sys
from typing import Any

import jinja2
import jinja2.sandbox
import quickjs

_STACK = 256 * 1024
_CALL = """
var __parley = {};
(function (values) {
  if (typeof main !== 'function') { throw new Error('There is no function main.'); }
  // The parameters of main are told apart: one that takes them apart itself, or one name for each value.
  var source = Function.prototype.toString.call(main);
  var head = /^(?:async\\s+)?(?:function\\b[^(]*)?\\(?([^)=]*)/.exec(source);
  var names = head ? head[1].split(',').map(function (name) { return name.trim(); }).filter(Boolean) : [];
  var known = Object.keys(values);
  var apart = names.length > 0 && names[0][0] !== '{'
    && names.every(function (name) { return known.indexOf(name) >= 0; });
  var given = apart ? names.map(function (name) { return values[name]; }) : [values];
  var result = main.apply(undefined, given);
  if (result && typeof result.then === 'function') {
    result.then(function (value) { __parley.value = JSON.stringify(value); },
      function (error) { __parley.error = String(error); });
  } else { __parley.value = JSON.stringify(result); }
})(JSON.parse(__values));
"""


class _Refused(Exception):
    """The work is done, and what came of it is refused."""


def main() -> None:
    """Limits itself, then answers until its input ends."""
    limits = json.loads(sys.argv[1])
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.ChainableUndefined)
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False}
    environment.from_string("{{ 1 }}").render()
    _confine(limits["memory"])
    for line in sys.stdin:
        # Ends this process even where nobody is left to do so: the parent gives up, and kills it, before that.
        signal.alarm(math.ceil(limits["seconds"]) + 1)
        sys.stdout.write(_answer(environment, json.loads(line), limits) + "\n")
        sys.stdout.flush()
        signal.alarm(0)


def _confine(memory: int) -> None:
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NOFILE, 8),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def _answer(environment: jinja2.Environment, job: dict[str, Any], limits: dict[str, Any]) -> str:
    try:
        if job["kind"] == "template":
            value: Any = _render(environment, job["source"], job["values"], limits["output"])
        else:
            value = _script(job["source"], job["values"], limits)
        return json.dumps({"value": value})
    except MemoryError:
        return json.dumps({"error": "It needs more memory than is allowed.", "type": "MemoryError"})
    except RecursionError:
        return json.dumps({"error": "It calls itself too deeply.", "type": "RecursionError"})
    except _Refused as refusal:
        return json.dumps({"error": str(refusal), "type": "OutputLimit"})
    except Exception as error:
        return json.dumps({"error": str(error)[:1000] or type(error).__name__, "type": type(error).__name__})


def _render(environment: jinja2.Environment, source: str, values: dict[str, Any], longest: int) -> str:
    length = 0
    pieces = []
    for piece in environment.from_string(source).generate(values):
        length += len(piece)
        if length > longest:
            raise _Refused(f"The text is longer than {longest} characters.")
        pieces.append(piece)
    return "".join(pieces)


def _script(source: str, values: dict[str, Any], limits: dict[str, Any]) -> Any:
    context = quickjs.Context()
    context.set_memory_limit(limits["script_memory"])
    context.set_time_limit(limits["seconds"])
    context.set_max_stack_size(_STACK)
    context.eval(source)
    context.set("__values", json.dumps(values))
    context.eval(_CALL)
    while context.execute_pending_job():
        pass
    error = context.eval("__parley.error")
    if error is not None:
        raise _Refused(str(error))
    value = context.eval("__parley.value")
    if value is None:
        raise _Refused("main returned nothing, or a promise that never settles.")
    if len(value) > limits["wire"]:
        raise _Refused(f"The result is larger than {limits['wire']} characters.")
    return json.loads(value)


if __name__ == "__main__":
    main()
