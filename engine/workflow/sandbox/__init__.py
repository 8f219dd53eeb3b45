"""Runs what authors of workflows write: Python, JavaScript and Jinja, each in a process that can reach nothing.

Python runs in Monty, an interpreter without files, network or processes, in worker processes of its own; or, where the
operator chooses it, in CPython under Landlock and seccomp. JavaScript and templates run in a child of ours under limits
of memory, time, files and processes.
"""

from engine.workflow.sandbox.cpython_code import CPythonCode, examine_cpython
from engine.workflow.sandbox.isolate import Isolate
from engine.workflow.sandbox.limits import SandboxLimits
from engine.workflow.sandbox.python_code import PythonCode
from engine.workflow.sandbox.sandbox import Sandbox

__all__ = [
    "CPythonCode",
    "Isolate",
    "PythonCode",
    "Sandbox",
    "SandboxLimits",
    "examine_cpython",
]
