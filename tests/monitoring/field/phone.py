"""A phone as the server sees it, over HTTP: registers, syncs, asks for its package."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils.timezone import now

from ranchers.models import User

DATA_KEY = bytes(range(32))


class Phone:
    """`Phone(user)` is registered by the user at once."""

    def __init__(self, user: User) -> None:
        self.id = str(uuid4())
        self.user = user
        self.client = Client(headers={"accept-language": "es"})
        made = self.register().json()
        self.secret, self.locked_token = made["secret"], made["locked_token"]

    def register(self, **changes: Any) -> Any:
        session = Client()
        session.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
        told = {
            "id": self.id,
            "name": "Moto G",
            "app_version": "1",
            "data_key": base64.b64encode(DATA_KEY).decode(),
        }
        return session.post(
            "/api/v1/field/devices/", told | changes, content_type="application/json"
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Device {self.id}:{self.secret}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/field/{path}", headers=self.headers)

    def post(self, path: str, data: Any = None) -> Any:
        return self.client.post(
            f"/api/v1/field/{path}",
            data or {},
            content_type="application/json",
            headers=self.headers,
        )

    def sync(self, *documents: Any, kind: str = "visit", sent_at: str = "") -> Any:
        """The whole answer to a batch; a document that is a tuple is (kind, document)."""
        pairs = [one if isinstance(one, tuple) else (kind, one) for one in documents]
        return self.post(
            "sync/",
            {
                "device": self.id,
                "app_version": "1",
                "sent_at": sent_at or now().isoformat(),
                "items": [item(kind, document) for kind, document in pairs],
            },
        )

    def sync_gzipped(self, data: bytes) -> Any:
        return self.client.generic(
            "POST",
            "/api/v1/field/sync/",
            gzip.compress(data),
            content_type="application/json",
            headers=self.headers | {"content-encoding": "gzip"},
        )

    def outcomes(self, *documents: Any, **how: Any) -> list[str]:
        return [one["outcome"] for one in self.sync(*documents, **how).json()["items"]]


def item(kind: str, document: Any) -> dict[str, str]:
    body = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    digest = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    return {"kind": kind, "body": body, "sha256": digest}
