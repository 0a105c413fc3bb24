"""Models of documents."""

from documents.models.document import Document
from documents.models.kinds import DocumentKind
from documents.models.numbers import NumberSeries, Organ
from documents.models.publication import Publication
from documents.models.scans import Scan
from documents.models.service import Service
from documents.models.tries import VerifyTry

__all__ = ["Document", "DocumentKind", "NumberSeries", "Organ", "Publication", "Scan", "Service", "VerifyTry"]
