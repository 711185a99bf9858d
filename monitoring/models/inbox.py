"""The inbox: every payload as it was received, before it is understood."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    PAGE = "page", _("Web page")
    FIELD = "field", _("Field app")
    API = "api", _("API")
    IMPORT = "import", _("Import")
    FILE = "file", _("File from a phone")


class Kind(models.TextChoices):
    VISIT = "visit", _("Visit")
    RANCHER = "rancher", _("New rancher")
    BOUNDARY = "boundary", _("Boundary")
    STEP = "step", _("Next step done")


class Outcome(models.TextChoices):
    PENDING = "pending", _("Pending")
    CREATED = "created", _("Created")
    UNCHANGED = "unchanged", _("Unchanged")
    UPDATED = "updated", _("Updated")
    CONFLICT = "conflict", _("Conflict")
    REJECTED = "rejected", _("Rejected")
    QUARANTINED = "quarantined", _("In quarantine")
    HELD = "held", _("Waits for what it names")


class InboxPayload(models.Model):
    """One payload as received. What was received is never changed or deleted; its `id` is the
    receipt number shown to the technician."""

    received_at = models.DateTimeField(auto_now_add=True)
    sender = models.ForeignKey("ranchers.User", null=True, on_delete=models.PROTECT)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    kind = models.CharField(max_length=12, default=Kind.VISIT, help_text="visit, rancher, boundary")
    via = models.ForeignKey(
        "monitoring.FieldDevice",
        null=True,
        on_delete=models.PROTECT,
        db_index=False,  # inbox_changed serves it
        related_name="payloads",
        help_text="The device that sent it, by its own secret",
    )
    clock_offset_s = models.IntegerField(
        null=True, help_text="The device's clock minus the server's when it was sent"
    )
    schema_version = models.PositiveSmallIntegerField(null=True)
    visit_uuid = models.UUIDField(
        null=True,
        db_index=True,
        help_text="Id of the item (of any kind), as claimed by the payload",
    )
    raw = models.BinaryField(help_text="The bytes as received")
    sha256 = models.CharField(max_length=64, help_text="Of `raw`, hex")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.PENDING)
    reasons = models.JSONField(default=list, blank=True, help_text="[{field, code, message}]")
    base_version = models.PositiveIntegerField(
        null=True, help_text="The version the sender's edit was made from; null for a new visit"
    )
    device = models.UUIDField(null=True, help_text="The device's own id, as claimed")
    revision = models.PositiveIntegerField(
        null=True, help_text="The device's count of saves of this visit; the higher is the later"
    )
    content_hash = models.CharField(
        max_length=64, blank=True, default="", help_text="SHA-256 of the canonical content"
    )
    visit_version = models.PositiveIntegerField(
        null=True, help_text="The visit's version after this payload was understood"
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How often the sweep tried in vain to understand it"
    )
    processed_at = models.DateTimeField(null=True)
    waits_for = models.UUIDField(
        null=True, help_text="The rancher or plot it names that has not arrived (outcome held)"
    )
    released_by = models.ForeignKey(
        "ranchers.User",
        null=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        help_text="The coordinator who let it out of quarantine: it is judged by their rights",
    )
    changed_at = models.DateTimeField(
        null=True, help_text="When its outcome last changed after the first answer"
    )

    class Meta:
        verbose_name = _("inbox payload")
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(outcome="pending"),
                name="inbox_pending",
            ),
            models.Index(
                fields=["waits_for"],
                condition=models.Q(outcome="held"),
                name="inbox_held",
            ),
            models.Index(
                fields=["via", "changed_at"],
                condition=models.Q(changed_at__isnull=False),
                name="inbox_changed",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(outcome__in=["quarantined", "held"]),
                name="inbox_waiting",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="inbox_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="inbox_raw_never_changed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "raw", "sha256", "received_at", "sender", "channel", "kind"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.outcome}"
