"""Ranchers' log-in cards."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AccessCard(models.Model):
    """A QR card that, with its PIN, logs one rancher in. Only hashes are kept.

    A card printed ahead of the visit has no PIN yet (`pin_hash` empty) and opens nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rancher = models.ForeignKey(
        "ranchers.Rancher", on_delete=models.CASCADE, related_name="access_cards"
    )
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token, hex")
    pin_hash = models.CharField(max_length=128, blank=True, default="")
    wrong_pins = models.PositiveSmallIntegerField(
        default=0, help_text="Since the last right one; too many revoke the card"
    )
    issued_by = models.ForeignKey(
        "ranchers.User", null=True, on_delete=models.SET_NULL, related_name="cards_issued"
    )
    issued_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("access card")
        constraints = [
            models.UniqueConstraint(
                fields=["rancher"], condition=Q(revoked_at__isnull=True), name="card_one_live"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
