"""PDFs of many kinds, made on the spot."""

from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject


def plain_pdf(pages: int = 1) -> bytes:
    return _bytes(_writer(pages))


def pdf_with_password() -> bytes:
    writer = _writer()
    writer.encrypt("secreto")
    return _bytes(writer)


def pdf_with_script() -> bytes:
    return _opening_with({"/S": NameObject("/JavaScript"), "/JS": TextStringObject("alert(1)")})


def pdf_with_attachment() -> bytes:
    writer = _writer()
    writer.add_attachment("programa.exe", b"MZ\x90")
    return _bytes(writer)


def pdf_that_launches() -> bytes:
    return _opening_with({"/S": NameObject("/Launch"), "/F": TextStringObject("cmd.exe")})


def _opening_with(action: dict[str, object]) -> bytes:
    writer = _writer()
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject(key): value for key, value in action.items()}
    )
    return _bytes(writer)


def _writer(pages: int = 1) -> PdfWriter:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    return writer


def _bytes(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
