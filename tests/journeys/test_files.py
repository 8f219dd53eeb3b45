"""Uploaded files: what is accepted, what is refused, who may look at them."""

import socket
import struct
import zlib

import httpx2
import pytest

from tests.journeys.program import Program
from tests.journeys.resources import assert_uniform, create_app, create_app_key


def png(width: int = 2) -> bytes:
    """Return a white picture, one pixel high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" + b"\xff" * 3 * width)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def upload(client: httpx2.Client, name: str, content: bytes, media_type: str = "image/png") -> httpx2.Response:
    return client.post("/files/upload", data={"user": "ada"}, files={"file": (name, content, media_type)})


def test_an_uploaded_picture_comes_back_as_it_was(app_client: httpx2.Client) -> None:
    made = upload(app_client, "pixel.png", png())
    assert made.status_code == 201
    described = made.json()
    assert described["name"] == "pixel.png"
    assert described["mime_type"] == "image/png"
    assert described["size"] == len(png())
    shown = app_client.get(f"/files/{described['id']}/preview", params={"user": "ada"})
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/png"
    assert shown.content == png()
    kept = app_client.get(f"/files/{described['id']}/preview", params={"user": "ada", "as_attachment": "true"})
    assert kept.headers["content-disposition"].startswith("attachment")


def test_the_older_upload_path_is_the_same(app_client: httpx2.Client) -> None:
    made = app_client.post("/files", data={"user": "ada"}, files={"file": ("pixel.png", png(), "image/png")})
    assert made.status_code == 201


def test_a_file_that_is_not_what_its_name_says_is_refused(app_client: httpx2.Client) -> None:
    assert_uniform(upload(app_client, "picture.png", b"MZ\x90\x00 a program"), 415, "unsupported_file_type")


def test_a_program_is_refused(app_client: httpx2.Client) -> None:
    refused = upload(app_client, "setup.exe", b"MZ\x90\x00", "application/octet-stream")
    assert_uniform(refused, 415, "unsupported_file_type")


def test_a_picture_beyond_the_limit_is_refused(app_client: httpx2.Client) -> None:
    assert_uniform(upload(app_client, "large.png", png() + b"\0" * 65536), 413, "file_too_large")


def test_a_name_is_answered_as_it_is_kept(app_client: httpx2.Client) -> None:
    part = b'--z\r\nContent-Disposition: form-data; name="file"; filename="a\0b.txt"\r\n\r\nabc\r\n--z--\r\n'
    form = {"Content-Type": "multipart/form-data; boundary=z"}
    answer = app_client.post("/files/upload", content=part, headers=form).raise_for_status().json()
    assert answer["name"] == "ab.txt"


@pytest.mark.parametrize(
    ("name", "beginning", "status"),
    [
        ("a.pdf", b"MZ" * 32_768, 415),
        ("a.exe", b"MZ" * 32_768, 415),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 65_536, 413),
    ],
)
def test_a_file_that_is_not_taken_is_refused_before_it_has_come(
    program: Program, app_client: httpx2.Client, name: str, beginning: bytes, status: int
) -> None:
    url = httpx2.URL(program.url)
    head = (
        f"POST /v1/files/upload HTTP/1.1\r\nHost: parley\r\nAuthorization: {app_client.headers['authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=z\r\nContent-Length: 90000000\r\n\r\n"
        f'--z\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    )
    with socket.create_connection((url.host, url.port or 80), timeout=60) as sender:
        sender.sendall(head.encode() + beginning)
        assert sender.recv(4096).startswith(b"HTTP/1.1 %d " % status)


def test_an_upload_without_a_file_says_so(app_client: httpx2.Client) -> None:
    empty = app_client.post("/files/upload", files={"user": (None, "ada")})
    assert_uniform(empty, 400, "no_file_uploaded")


def test_two_files_at_once_are_refused(app_client: httpx2.Client) -> None:
    parts = [("file", ("a.png", png(), "image/png")), ("file", ("b.png", png(), "image/png"))]
    assert_uniform(app_client.post("/files/upload", data={"user": "ada"}, files=parts), 400, "too_many_files")


def test_another_app_does_not_see_the_file(program: Program, console: httpx2.Client, app_client: httpx2.Client) -> None:
    file_id = upload(app_client, "pixel.png", png()).json()["id"]
    with program.service(create_app_key(console, create_app(console))) as other:
        shown = other.get(f"/files/{file_id}/preview", params={"user": "ada"})
    assert shown.status_code in (403, 404)


def test_a_question_takes_an_uploaded_picture(app_client: httpx2.Client) -> None:
    file_id = upload(app_client, "pixel.png", png()).json()["id"]
    picture = {"type": "image", "transfer_method": "local_file", "upload_file_id": file_id}
    question = {"query": "What is this?", "user": "ada", "response_mode": "blocking", "inputs": {}}
    answer = app_client.post("/chat-messages", json={**question, "files": [picture]})
    assert answer.status_code == 200, answer.text


def test_a_question_does_not_take_a_file_of_another_user(app_client: httpx2.Client) -> None:
    file_id = upload(app_client, "pixel.png", png()).json()["id"]
    picture = {"type": "image", "transfer_method": "local_file", "upload_file_id": file_id}
    question = {"query": "What is this?", "user": "eve", "response_mode": "blocking", "inputs": {}}
    refused = app_client.post("/chat-messages", json={**question, "files": [picture]})
    assert refused.status_code in (400, 404), refused.text
