"""Photos from strangers' phones: limits first, then decoding, then a clean new file."""

from __future__ import annotations

import datetime
import hashlib
import io
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from PIL import Image, ImageFile, ImageOps

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MAX_SIDE = 2560
THUMBNAIL_SIDE = 480
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
FIRST_YEAR = 1990
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
DATE_TAKEN, OFFSET_TAKEN = 36867, 36881


class PhotoRefused(ValueError):
    """A file that cannot be taken; the text is a Chinese sentence for the person."""


@dataclass(frozen=True)
class Photo:
    """A clean photo and what was read from the original before its metadata were dropped."""

    name: str
    media_type: str
    data: bytes
    thumbnail: bytes
    width: int
    height: int
    source_sha256: str
    taken_at: datetime.datetime | None
    latitude: float | None
    longitude: float | None


def read_photo(upload: Any) -> Photo:
    """Check and re-encode one upload (an object with name, size, read). Raises PhotoRefused.

    Bytes are limited before reading, pixels before decoding (R23 evidence; ASVS file upload).
    """
    name = clean_name(upload.name)
    if upload.size > settings.UPLOAD_MAX_BYTES:
        raise PhotoRefused(f"“{name}”超过 {settings.UPLOAD_MAX_BYTES // 1024 // 1024} MB,没有上传。请压缩或重拍后再传。")
    if not upload.size:
        raise PhotoRefused(f"“{name}”是空文件,没有上传。请重新拍照。")
    raw = upload.read()
    image = _opened(name, raw)
    if image.width * image.height > settings.UPLOAD_MAX_PIXELS:
        raise PhotoRefused(f"“{name}”有 {image.width}×{image.height} 像素,超过上限,没有上传。请用较低分辨率重拍。")
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    clean = _decoded(name, image)
    taken_at, latitude, longitude = _metadata(image)
    return Photo(
        name=name,
        media_type=MEDIA_TYPES[kind],
        data=_encoded(clean, kind),
        thumbnail=_encoded(_fit(clean, THUMBNAIL_SIDE).convert("RGB"), "JPEG"),
        width=clean.width,
        height=clean.height,
        source_sha256=hashlib.sha256(raw).hexdigest(),
        taken_at=taken_at,
        latitude=latitude,
        longitude=longitude,
    )


def clean_name(name: str) -> str:
    """The last part of a file name without control and direction characters, at most 100 characters."""
    base = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in base if unicodedata.category(c)[0] != "C")[-100:] or "未命名"


def _opened(name: str, raw: bytes) -> Image.Image:
    if raw[4:8] == b"ftyp" and raw[8:12] in HEIC_BRANDS:
        raise PhotoRefused(f"“{name}”是 HEIC 格式,没有上传。苹果手机请在“设置→相机→格式”选“兼容性最佳”后重拍,或先转成 JPEG。")
    try:
        return Image.open(io.BytesIO(raw), formats=list(MEDIA_TYPES))
    except Image.DecompressionBombError:
        raise PhotoRefused(f"“{name}”像素过多,没有上传。请用较低分辨率重拍。") from None
    except (OSError, ValueError, SyntaxError):
        raise PhotoRefused(f"“{name}”不是 JPEG、PNG 或 WebP 照片,没有上传。") from None


def _decoded(name: str, image: Image.Image) -> Image.Image:
    # WeasyPrint, once imported, lets the whole process accept images that were cut off.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, EOFError):
        raise PhotoRefused(f"“{name}”已损坏,没有上传。请重新拍照。") from None
    mode = "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
    return _fit(upright.convert(mode), MAX_SIDE)


def _fit(image: Image.Image, side: int) -> Image.Image:
    copy = image.copy()
    copy.thumbnail((side, side))
    return copy


def _encoded(image: Image.Image, kind: str) -> bytes:
    """New bytes made from pixels alone: nothing of the original's metadata can survive."""
    bare = Image.frombytes(image.mode, image.size, image.tobytes())
    out = io.BytesIO()
    if kind == "JPEG":
        bare.convert("RGB").save(out, "JPEG", quality=85, optimize=True)
    else:
        bare.save(out, kind)
    return out.getvalue()


def shrunk(stored: Any, side: int) -> bytes:
    """One of our own stored photos as a JPEG of at most `side` pixels, white where it was transparent; for printing."""
    image = Image.open(stored, formats=list(MEDIA_TYPES))
    image.draft("RGB", (side, side))
    small = _fit(image.convert("RGBA") if "A" in image.getbands() else image.convert("RGB"), side)
    ground = Image.new("RGB", small.size, "white")
    ground.paste(small, mask=small if small.mode == "RGBA" else None)
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def _metadata(image: Image.Image) -> tuple[datetime.datetime | None, float | None, float | None]:
    """(taken_at, latitude, longitude); unreadable metadata are no metadata."""
    exif = image.getexif()
    details, gps = exif.get_ifd(EXIF_IFD), exif.get_ifd(GPS_IFD)
    return _taken_at(details), _degrees(gps, 1, 2, "S", 90), _degrees(gps, 3, 4, "W", 180)


def _taken_at(details: dict[int, Any]) -> datetime.datetime | None:
    try:
        naive = datetime.datetime.strptime(str(details[DATE_TAKEN]).strip("\x00 "), "%Y:%m:%d %H:%M:%S")
        offset = str(details.get(OFFSET_TAKEN, "")).strip("\x00 ")
        zone = datetime.datetime.strptime(offset, "%z").tzinfo if offset else timezone.get_current_timezone()
    except (KeyError, ValueError):
        return None
    return naive.replace(tzinfo=zone) if FIRST_YEAR <= naive.year <= timezone.now().year + 1 else None


def _degrees(gps: dict[int, Any], side: int, value: int, negative: str, limit: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in gps[value])
        sign = -1 if str(gps[side]).strip("\x00 ").upper() == negative else 1
    except (KeyError, ValueError, TypeError, ZeroDivisionError):
        return None
    found = sign * (degrees + minutes / 60 + seconds / 3600)
    return round(found, 6) if abs(found) <= limit else None
