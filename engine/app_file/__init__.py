"""Apps as YAML files, in the form of the real system: read, checked, written, and made from apps with a prompt.

- `read_app_file(text)` returns what a file says, or refuses it with every cause. `write_app_file(value)` writes: what
  was written, read and written again is the same, byte for byte.
- `judge_version(version)` tells whether a file's version is taken at once.
- `app_file_schema()` is the JSON Schema of the files.
- `graph_of_config(...)` makes the graph that does what a prompt did.
"""

from engine.app_file.conversion import graph_of_config
from engine.app_file.document import AppFile, AppSection, WorkflowSection, read_app_file
from engine.app_file.schema import app_file_schema
from engine.app_file.text import MAX_BYTES, write_app_file
from engine.app_file.versions import CURRENT_VERSION, judge_version

__all__ = [
    "CURRENT_VERSION",
    "MAX_BYTES",
    "AppFile",
    "AppSection",
    "WorkflowSection",
    "app_file_schema",
    "graph_of_config",
    "judge_version",
    "read_app_file",
    "write_app_file",
]
