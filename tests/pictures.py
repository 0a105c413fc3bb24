"""Photos for tests."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def jpeg(name: str = "现场.jpg", color: str = "red", size: tuple[int, int] = (64, 48)) -> SimpleUploadedFile:
    """A small JPEG as an upload."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")
