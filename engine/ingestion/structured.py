"""JSON, XML and CSV as text that a person can read and that can be cut at its line ends."""

import csv
import io
import json
from xml.parsers import expat

from engine.ingestion.tables import markdown_table
from engine.ingestion.unreadable import UnreadableDocument

DEEPEST = 500
MOST_ROWS = 500_000
_SAMPLE = 16_384
_SEPARATORS = ",;\t|"
_LARGEST_CELL = 10 << 20


def json_text(source: str) -> str:
    """Returns JSON with a line for each value; what is no JSON, or one JSON value a line, stays as it is.

    Raises:
        UnreadableDocument: it is nested too deeply.
    """
    _check_json_depth(source)
    try:
        value = json.loads(source)
    except ValueError:
        return source
    except RecursionError as error:
        raise _too_deep("JSON") from error
    return json.dumps(value, ensure_ascii=False, indent=2)


def csv_text(source: str) -> str:
    """Returns a Markdown table of the rows of a CSV file, whatever separates its cells.

    Raises:
        UnreadableDocument: it holds too many rows, or cannot be told into cells.
    """
    return markdown_table(read_csv(source))


def read_csv(source: str) -> list[list[str]]:
    """Returns the rows of a CSV file, blank ones left out.

    Raises:
        UnreadableDocument: it holds too many rows, or cannot be told into cells.
    """
    csv.field_size_limit(_LARGEST_CELL)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(source.replace("\0", ""), newline=""), delimiter=_separator(source))
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) > MOST_ROWS:
                raise UnreadableDocument(f"The CSV file holds more than {MOST_ROWS} rows. Split it.")
    except csv.Error as error:
        raise UnreadableDocument(f"The CSV file cannot be read at row {reader.line_num}: {error}.") from error
    return rows


def xml_text(source: bytes) -> str:
    """Returns the texts of an XML document with the names of their elements, a line for each, indented.

    Raises:
        UnreadableDocument: it is not well-formed, declares entities, or is nested too deeply.
    """
    outline = _Outline()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = outline.start
    parser.EndElementHandler = outline.end
    parser.CharacterDataHandler = outline.texts.append
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(source, True)
    except expat.ExpatError as error:
        message = expat.errors.messages.get(error.code, "it is not well-formed")
        raise UnreadableDocument(f"The XML file is damaged at line {error.lineno}: {message}.") from error
    except (ValueError, LookupError) as error:
        raise UnreadableDocument("The XML file names an encoding that is not known.") from error
    return "\n".join(outline.lines)


class _Outline:
    """Collects the lines of an XML document as its elements begin and end."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.texts: list[str] = []
        self._names: list[str] = []
        self._shown = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._flush()
        self._names.append(name.rpartition(":")[2])
        if len(self._names) > DEEPEST:
            raise _too_deep("XML")
        values = [f"{key.rpartition(':')[2]}: {value}" for key, value in attributes.items() if value.strip()]
        if values and not name.startswith("xmlns"):
            self._show()
            self.lines[-1] += f" ({', '.join(' '.join(value.split()) for value in values)})"

    def end(self, name: str) -> None:
        self._flush()
        self._names.pop()
        self._shown = min(self._shown, len(self._names))

    def _flush(self) -> None:
        text = " ".join("".join(self.texts).split())
        self.texts.clear()
        if not text:
            return
        if self._shown < len(self._names):
            self._show()
            self.lines[-1] += f": {text}"
        else:
            self.lines.append(f"{'  ' * len(self._names)}{text}")

    def _show(self) -> None:
        """Writes the names of the elements that are open and not written yet, each on a line."""
        for depth in range(self._shown, len(self._names)):
            self.lines.append(f"{'  ' * depth}{self._names[depth]}")
        self._shown = len(self._names)


def _refuse_entity(name: str, *_: object) -> None:
    raise UnreadableDocument(f"The XML file declares the entity {name}; files that declare entities are not read.")


def _check_json_depth(source: str) -> None:
    depth, quoted, escaped = 0, False, False
    if source.count("[") + source.count("{") <= DEEPEST:
        return
    for character in source:
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            if depth > DEEPEST:
                raise _too_deep("JSON")
        elif character in "]}":
            depth -= 1


def _separator(source: str) -> str:
    """Returns what separates the cells: the candidate that stands equally often in each of the first lines."""
    lines = [line for line in source[:_SAMPLE].splitlines() if line.strip()][:20]
    if len(source) > _SAMPLE:
        lines = lines[:-1] or lines
    counts = {mark: [line.count(mark) for line in lines] for mark in _SEPARATORS}
    return max(_SEPARATORS, key=lambda mark: (min(counts[mark], default=0), sum(counts[mark])))


def _too_deep(kind: str) -> UnreadableDocument:
    return UnreadableDocument(f"The {kind} file nests more than {DEEPEST} values in one another.")
