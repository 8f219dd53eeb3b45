"""A folder of documents of every format: each is searchable, or refused with a reason."""

import json
from email.message import EmailMessage
from pathlib import Path

import docx
import httpx2
import pptx
import xlsxwriter
from fpdf import FPDF

from tests.engine.ingestion.office import compound_file, old_workbook
from tests.journeys.resources import await_indexing, create_dataset

SETTINGS = json.dumps({"indexing_technique": "economy", "process_rule": {"mode": "automatic"}})
TEXTS = {
    "txt": "{}",
    "md": "# Head\n\n{}",
    "mdx": 'import X from "./x"\n\n{}',
    "html": "<h1>Head</h1><p>{}",
    "csv": "name,what\nzebra,{}\n",
    "tsv": "name\twhat\nzebra\t{}\n",
    "json": '{{"what": "{}"}}',
    "xml": '<?xml version="1.0"?><doc><what>{}</what></doc>',
    "py": "# {}\nprint(1)\n",
}
REFUSED = {
    "scan.pdf": "no text",
    "old.doc": "Save it as DOCX or PDF",
    "entities.xml": "declares the entity",
    "broken.docx": "archive cannot be opened",
}


def sentence(extension: str) -> str:
    """Return words that only the document of a format holds."""
    return f"The {extension} courier delivers parcel {extension}{extension}."


def write_documents(folder: Path) -> None:
    """Write a document of every format, each with its own sentence."""
    for extension, form in TEXTS.items():
        (folder / f"a.{extension}").write_text(form.format(sentence(extension)))
    pdf = FPDF()
    pdf.set_font("helvetica")
    pdf.add_page()
    pdf.multi_cell(0, 8, sentence("pdf"))
    pdf.output(str(folder / "a.pdf"))
    word = docx.Document()
    word.add_paragraph(sentence("docx"))
    word.save(str(folder / "a.docx"))
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = sentence("pptx")
    deck.save(str(folder / "a.pptx"))
    book = xlsxwriter.Workbook(folder / "a.xlsx")
    book.add_worksheet("Sheet").write_column(0, 0, ["What", sentence("xlsx")])
    book.close()
    (folder / "a.xls").write_bytes(old_workbook([["What"], [sentence("xls")]]))
    mail = EmailMessage()
    mail["Subject"] = "A parcel"
    mail.set_content(sentence("eml"))
    (folder / "a.eml").write_bytes(mail.as_bytes())


def write_unreadable(folder: Path) -> None:
    """Write the documents that `REFUSED` names."""
    scan = FPDF()
    scan.add_page()
    scan.output(str(folder / "scan.pdf"))
    (folder / "old.doc").write_bytes(compound_file("WordDocument", bytes(5000)))
    (folder / "entities.xml").write_text('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>')
    (folder / "broken.docx").write_bytes(b"PK\x03\x04" + bytes(200))


def upload(client: httpx2.Client, dataset_id: str, file: Path) -> str:
    answer = client.post(
        f"/datasets/{dataset_id}/document/create-by-file",
        data={"data": SETTINGS},
        files={"file": (file.name, file.read_bytes(), "application/octet-stream")},
    )
    return str(answer.raise_for_status().json()["batch"])


def test_every_format_is_searchable(knowledge_client: httpx2.Client, tmp_path: Path) -> None:
    dataset_id = create_dataset(knowledge_client)
    write_documents(tmp_path)
    batches = {file: upload(knowledge_client, dataset_id, file) for file in sorted(tmp_path.iterdir())}
    for file, batch in batches.items():
        status = await_indexing(knowledge_client, dataset_id, batch)
        assert (status["indexing_status"], status["error"]) == ("completed", None), file.name
    for file in batches:
        extension = file.suffix.removeprefix(".")
        query = {"query": f"parcel {extension}{extension}"}
        found = knowledge_client.post(f"/datasets/{dataset_id}/retrieve", json=query).raise_for_status().json()
        assert found["records"][0]["segment"]["document"]["name"] == file.name
        assert sentence(extension) in found["records"][0]["segment"]["content"]


def test_what_cannot_be_read_is_refused_with_a_reason(knowledge_client: httpx2.Client, tmp_path: Path) -> None:
    dataset_id = create_dataset(knowledge_client)
    write_unreadable(tmp_path)
    batches = {file.name: upload(knowledge_client, dataset_id, file) for file in tmp_path.iterdir()}
    for name, batch in batches.items():
        status = await_indexing(knowledge_client, dataset_id, batch)
        assert status["indexing_status"] == "error"
        assert REFUSED[name] in status["error"]


def test_parents_are_found_by_their_children(knowledge_client: httpx2.Client) -> None:
    dataset_id = create_dataset(knowledge_client, indexing_technique="high_quality")
    rules = {
        "pre_processing_rules": [],
        "parent_mode": "paragraph",
        "segmentation": {"separator": "\\n\\n", "max_tokens": 1000},
        "subchunk_segmentation": {"separator": ". ", "max_tokens": 200},
    }
    body = {
        "name": "Travel",
        "text": "By train: second class. By bicycle: twelve cents a kilometre.\n\nReceipts are kept for ten years.",
        "indexing_technique": "high_quality",
        "doc_form": "hierarchical_model",
        "process_rule": {"mode": "hierarchical", "rules": rules},
    }
    made = knowledge_client.post(f"/datasets/{dataset_id}/document/create-by-text", json=body).raise_for_status().json()
    assert await_indexing(knowledge_client, dataset_id, made["batch"])["indexing_status"] == "completed"
    found = knowledge_client.post(f"/datasets/{dataset_id}/retrieve", json={"query": "bicycle allowance"})
    record = found.raise_for_status().json()["records"][0]
    assert record["segment"]["content"].startswith("By train: second class.")
    assert record["child_chunks"][0]["content"].startswith("By bicycle")
