"""Code and templates that mean harm: each is contained, and the next job is served."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.workflow import CodeFailure, Sandbox, SandboxLimits
from tests.patience import until

LIMITS = SandboxLimits(seconds=1.5)
PATIENCE = 30.0
"""Seconds in which a job that would go on for ever has been ended, however busy the machine is."""


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    made = Sandbox(LIMITS)
    yield made
    await made.close()


class TestPython:
    async def test_main_takes_variables_by_name(self, sandbox: Sandbox) -> None:
        code = "def main(a: int, b: str) -> dict:\n    import json\n    return {'r': json.dumps([a, b])}"
        assert await sandbox.run("python3", code, {"a": 1, "b": "x"}) == {"r": '[1, "x"]'}

    async def test_what_is_printed_goes_nowhere(self, sandbox: Sandbox, capfd: Any) -> None:
        await sandbox.run("python3", "def main():\n    print('secret')\n    return {}", {})
        assert "secret" not in capfd.readouterr().out

    async def test_sleeping_takes_no_time(self, sandbox: Sandbox) -> None:
        async with asyncio.timeout(PATIENCE):
            await sandbox.run("python3", "import time\ndef main():\n    time.sleep(90)\n    return {}", {})

    @pytest.mark.parametrize(
        "body",
        [
            "while True: pass",
            "x = [0]\n    while True: x = x + x",
            "return {'x': 'a' * 10**10}",
            "return {'x': len(str(9 ** 9 ** 9))}",
            "return main()",
            "import re\n    return {'x': re.match('(a+)+$', 'a' * 40 + 'b') is None and 1 / 0}",
            "while True: print('x' * 1000)",
            "return {'x': open('/etc/passwd').read()}",
            "import os\n    return {'x': os.environ['PATH']}",
            "import os\n    return {'x': os.system('id')}",
            "import socket\n    return {}",
            "import subprocess\n    return {}",
            "import ctypes\n    return {}",
            "return {'x': ().__class__.__bases__[0].__subclasses__()}",
            "return {'x': main.__globals__}",
            "return {'x': __import__('os').getcwd()}",
            "raise ValueError('no')",
            "x = {}\n    for i in range(10**9): x[i] = [i] * 1000",
        ],
    )
    async def test_harm_is_contained(self, sandbox: Sandbox, body: str) -> None:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(CodeFailure):
                await sandbox.run("python3", f"def main():\n    {body}", {})
        assert await sandbox.run("python3", "def main(): return {'ok': 1}", {}) == {"ok": 1}

    async def test_errors_say_what_is_wrong(self, sandbox: Sandbox) -> None:
        with pytest.raises(CodeFailure, match="no such luck"):
            await sandbox.run("python3", "def main():\n    raise ValueError('no such luck')", {})
        with pytest.raises(CodeFailure):
            await sandbox.run("python3", "def main(:", {})
        with pytest.raises(CodeFailure):
            await sandbox.run("python3", "x = 1", {})


class TestJavaScript:
    @pytest.mark.parametrize(
        "code",
        [
            "function main({a, b}) { return {r: a + b} }",
            "function main(a, b) { return {r: a + b} }",
            "function main(args) { return {r: args.a + args.b} }",
            "const main = ({a, b}) => ({r: a + b})",
            "async function main({a, b}) { await null; return {r: a + b} }",
        ],
    )
    async def test_main_takes_variables(self, sandbox: Sandbox, code: str) -> None:
        assert await sandbox.run("javascript", code, {"a": 1, "b": 2}) == {"r": 3}

    @pytest.mark.parametrize(
        "code",
        [
            "function main() { while (1); }",
            "function main() { let a = []; while (1) a.push(new Array(1e5).fill(1)) }",
            "function main() { return {r: /(a+)+$/.test('a'.repeat(40) + 'b')} }",
            "function main() { return {r: 'x'.repeat(5e6)} }",
            "function main() { return f() }; function f() { return f() }",
            "async function main() { await new Promise(() => {}) }",
            "async function main() { throw new Error('no') }",
            "function main() { return require('fs') }",
            "function main() { return process.env }",
            "function main() { return fetch('http://127.0.0.1') }",
            "import os from 'os'; function main() { return {} }",
            "function main() { return {r: std.getenviron()} }",
            "function main() { return 1n ** 100000000n }",
            "while (true) {}",
            "var x = 1",
        ],
    )
    async def test_harm_is_contained(self, sandbox: Sandbox, code: str) -> None:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(CodeFailure):
                await sandbox.run("javascript", code, {})
        assert await sandbox.run("javascript", "function main() { return {ok: 1} }", {}) == {"ok": 1}

    async def test_one_job_leaves_nothing_for_the_next(self, sandbox: Sandbox) -> None:
        await sandbox.run(
            "javascript", "globalThis.leak = 1; Array.prototype.leak = 1; function main() { return {} }", {}
        )
        code = "function main() { return {r: typeof leak, s: [].leak === undefined} }"
        assert await sandbox.run("javascript", code, {}) == {"r": "undefined", "s": True}


class TestTemplates:
    async def test_it_renders(self, sandbox: Sandbox) -> None:
        template = "{% for x in xs %}{{ loop.index }}:{{ x | upper }} {% endfor %}{{ none.of.this }}"
        assert await sandbox.render(template, {"xs": ["a", "b"]}) == "1:A 2:B "

    @pytest.mark.parametrize(
        "template",
        [
            "{{ 'a' * 10 ** 9 }}",
            "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
            "{{ ('a\n' * 100000) | indent(100000) }}",
            "{{ '%2000000000d' | format(1) }}",
            "{{ '{:2000000000}'.format(1) }}",
            "{% for i in range(99999) %}xxxxxxxxxxxxxxxxxxxxxxx{% endfor %}",
            "{{ x.__class__.__mro__ }}{{ x.__class__.__mro__[1].__subclasses__() }}",
            "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
            "{{ ''.__class__.__base__.__subclasses__() }}",
            "{{ '{0.__class__.__base__}'.format(x) | attr('format') }}{{ x.append(1) }}",
            "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
            "{{ xs.append(1) }}",
            "{{ d.update({'a': 2}) }}",
            "{% include '/etc/passwd' %}",
            "{% import 'os' as os %}",
            "{{ range(10 ** 9) | list }}",
            "{{ xs | batch(2000000000, 'x') | list }}",
            "{{ (['b' * 10 ** 6] * 10 ** 4) | join }}",
            "{{ d | tojson(indent=2000000000) }}",
            "{{ 'a b' | wordwrap(1) | center(2000000000) }}",
            "{{ lipsum(n=100000000) }}",
            "{{ 'a' | replace('', 'b' * 10 ** 8) | length }}{{ 1 // 0 }}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{{ unclosed",
        ],
    )
    async def test_harm_is_contained(self, sandbox: Sandbox, template: str) -> None:
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(CodeFailure):
                await sandbox.render(template, {"x": "1", "xs": [1], "d": {"a": 1}})
        assert await sandbox.render("ok {{ a }}", {"a": 1}) == "ok 1"

    async def test_attributes_with_underscores_are_closed(self, sandbox: Sandbox) -> None:
        assert await sandbox.render('{{ ""|attr("__class__") }}', {}) == ""


class TestChildren:
    async def test_a_child_knows_no_environment(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PARLEY_TEST_SECRET", "42")
        assert await sandbox.render("{{ environ }}", {}) == ""
        (child,) = sandbox._isolate._free
        environment = await asyncio.to_thread(Path(f"/proc/{child.process.pid}/environ").read_text)
        assert "PARLEY_TEST_SECRET" not in environment

    async def test_a_child_is_replaced_after_its_number_of_jobs(self) -> None:
        sandbox = Sandbox(SandboxLimits(jobs=2, children=1))
        for _ in range(3):
            await sandbox.render("x", {})
        assert [child.jobs for child in sandbox._isolate._free] == [1]
        await sandbox.close()

    async def test_a_cancelled_job_ends_its_child(self, sandbox: Sandbox) -> None:
        await sandbox.render("x", {})
        child = sandbox._isolate._free[0]
        template = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
        job = asyncio.create_task(sandbox.render(template, {}))
        await until(lambda: child not in sandbox._isolate._free)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        assert child.process.returncode is not None
        assert await sandbox.render("ok", {}) == "ok"

    async def test_many_jobs_at_once_leave_the_loop_free(self, sandbox: Sandbox) -> None:
        longest = 0.0

        async def watch() -> None:
            nonlocal longest
            while True:
                began = time.thread_time()
                await asyncio.sleep(0.005)
                longest = max(longest, time.thread_time() - began)

        watching = asyncio.create_task(watch())
        code = "def main(n):\n    return {'n': sum(range(20000)) + n}"
        results = await asyncio.gather(*(sandbox.run("python3", code, {"n": n}) for n in range(20)))
        watching.cancel()
        assert [result["n"] - 199990000 for result in results] == list(range(20))
        assert longest < 0.5

    async def test_waiting_for_a_worker_is_not_counted(self) -> None:
        sandbox = Sandbox(SandboxLimits(seconds=0.5, children=1))
        code = "def main():\n    while True: pass"
        results = await asyncio.gather(*(sandbox.run("python3", code, {}) for _ in range(4)), return_exceptions=True)
        assert all(isinstance(result, CodeFailure) for result in results)
        assert await sandbox.run("python3", "def main(): return {}", {}) == {}
        await sandbox.close()
