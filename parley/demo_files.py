"""The three documents of the demonstration, written as a PDF, a DOCX and a Markdown file without any library."""

import io
import zipfile

WARRANTY = (
    "Every Meridian kettle carries a warranty of thirty months from the date of purchase.",
    "The warranty covers the heating element, the switch and the lid, but not limescale.",
)
RETURNS = (
    "Unused goods can be returned within twenty-one days of delivery.",
    "The refund is paid to the card that was charged, within five working days.",
)
SHIPPING = """# Shipping

Orders placed before noon leave the same day.
Parcels to the Faroe Islands leave every Thursday and take nine working days.
"""

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{DOCX_TYPE}.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/>'
    "</Relationships>"
)


def demo_files() -> dict[str, tuple[bytes, str]]:
    """Return for each file name its content and media type."""
    return {
        "warranty.pdf": (pdf(WARRANTY), "application/pdf"),
        "returns.docx": (docx(RETURNS), DOCX_TYPE),
        "shipping.md": (SHIPPING.encode(), "text/markdown"),
    }


def pdf(lines: tuple[str, ...]) -> bytes:
    """Return a one-page PDF (ISO 32000-1, 7.5) with one line of Helvetica for each text: ASCII, no brackets."""
    text = "BT /F1 11 Tf 56 780 Td 16 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        " /Resources << /Font << /F1 4 0 R >> >> >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
    ]
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode("ascii"))
    table = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    for offset in offsets:
        out.write(f"{offset:010} 00000 n \n".encode())
    out.write(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode())
    return out.getvalue()


def docx(lines: tuple[str, ...]) -> bytes:
    """Return a DOCX file (ECMA-376) with one paragraph for each text, which must need no XML escape."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{paragraphs}</w:body></w:document>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("_rels/.rels", _RELATIONS)
        archive.writestr("word/document.xml", body)
    return out.getvalue()
