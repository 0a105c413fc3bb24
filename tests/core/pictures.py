"""Photos as phones and attackers send them."""

import io
import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

ORIENTATION, MAKE = 0x0112, 0x010F


def encoded(kind="JPEG", size=(64, 48), colour="red", exif=None):
    """The bytes of a small picture."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **({} if exif is None else {"exif": exif}))
    return out.getvalue()


def upload(data, name="现场.jpg"):
    """What a view receives for these bytes."""
    return SimpleUploadedFile(name, data)


def phone_exif(orientation=1):
    """Taken 2026-11-20 08:30:15 +08:00 in 石角镇, by a phone that says its make."""
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "SECRETPHONE", orientation
    exif.get_ifd(0x8769).update({36867: "2026:11:20 08:30:15", 36881: "+08:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: (28.0, 45.0, 36.0), 3: "E", 4: (106.0, 39.0, 18.0)})
    return exif


def huge_png(width, height):
    """A few kB that claim, and hold, very many pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    squeezer = zlib.compressobj(9)
    row = b"\0" * (width // 8 + 2)
    packed = b"".join(squeezer.compress(row) for _ in range(height)) + squeezer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
