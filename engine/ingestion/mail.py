"""An e-mail as text: who wrote what to whom and when, its body, and the names of its attachments."""

import email
import email.policy
from email.errors import MessageError
from email.message import EmailMessage

from engine.ingestion.html_text import html_text
from engine.ingestion.unreadable import UnreadableDocument

_SHOWN = ("Subject", "From", "To", "Cc", "Date")
_MOST_PARTS = 1_000


def mail_text(source: bytes) -> str:
    """Returns an e-mail as Markdown.

    Raises:
        UnreadableDocument: it is damaged, or its parts are too many or nested too deeply.
    """
    try:
        message = email.message_from_bytes(source, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return _text(message)
    except RecursionError as error:
        raise UnreadableDocument("The e-mail nests too many messages in one another.") from error
    except (MessageError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise UnreadableDocument("The e-mail is damaged and cannot be read.") from error


def _text(message: EmailMessage) -> str:
    headers = [f"{name}: {' '.join(str(message[name]).split())}" for name in _SHOWN if message[name]]
    for count, _ in enumerate(message.walk()):
        if count > _MOST_PARTS:
            raise UnreadableDocument(f"The e-mail has more than {_MOST_PARTS} parts.")
    body = message.get_body(("plain", "html"))
    text = ""
    if body is not None:
        content = str(body.get_content())
        text = html_text(content) if body.get_content_subtype() == "html" else content
    names = [name for part in message.iter_attachments() if (name := part.get_filename())]
    attachments = "\n".join(["Attachments:", *(f"- {name}" for name in names)]) if names else ""
    return "\n\n".join(part for part in ("\n".join(headers), text.strip(), attachments) if part)
