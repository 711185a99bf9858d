"""Phones with the field app: who holds them, what was last sent to them, photos on their way."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FieldDevice(models.Model):
    """One installation of the field app on one phone of one person. `id` is made on the phone.

    Its secret is kept as a hash. `data_key` is the key with which the phone encrypts what it keeps,
    itself encrypted (`monitoring.field.escrow`), so that a forgotten PIN loses no visit.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(
        "ranchers.User", on_delete=models.CASCADE, related_name="field_devices"
    )
    name = models.CharField(_("name"), max_length=80)
    app_version = models.CharField(_("version of the app"), max_length=40, blank=True)
    secret_hash = models.CharField(max_length=64, help_text="SHA-256 of the secret, hex")
    locked_hash = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="SHA-256 of the token that the phone can also read while it is locked, hex",
    )
    data_key = models.BinaryField(help_text="Encrypted")
    session_key = models.CharField(
        max_length=40, blank=True, help_text="Web session that registered it; ended with it"
    )
    registered_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, help_text="To the minute")
    clock_offset_s = models.IntegerField(
        null=True, help_text="Its clock minus the server's when it last sent; positive: ahead"
    )
    waiting = models.PositiveIntegerField(
        null=True, help_text="Items it said it still had to send when it last sent"
    )
    revoked_at = models.DateTimeField(null=True, help_text="Signed out remotely")
    revoked_by = models.ForeignKey(
        "ranchers.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    wiped_at = models.DateTimeField(null=True, help_text="When the phone said it had wiped itself")

    class Meta:
        ordering = ["-registered_at"]
        verbose_name = _("field device")

    def __str__(self) -> str:
        return self.name


class FieldManifest(models.Model):
    """What one package left on a device: the hash of every record. `id` is the package's cursor.

    A later package is the difference to it, so every kind of change is seen, losing sight of a
    rancher included. The last two of a device are kept: an answer may be lost on the way.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(FieldDevice, on_delete=models.CASCADE, related_name="manifests")
    made_at = models.DateTimeField()
    hashes = models.JSONField(help_text="{kind: {record id: short hash}}")

    class Meta:
        ordering = ["-made_at"]
        verbose_name = _("field manifest")

    def __str__(self) -> str:
        return str(self.pk)


class ItemVersion(models.Model):
    """One version of what a device sent other than a visit (a registration, a walked boundary), as
    it took effect: what later edits of it are compared with."""

    item = models.UUIDField(help_text="Made on the device")
    version = models.PositiveIntegerField()
    content = models.JSONField(help_text="Canonical content: one key per property")
    payload = models.ForeignKey(
        "monitoring.InboxPayload", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["item", "version"]
        verbose_name = _("version of an item")
        constraints = [
            models.UniqueConstraint(fields=["item", "version"], name="itemversion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item} v{self.version}"


class PhotoState(models.TextChoices):
    ARRIVING = "arriving", _("Arriving")
    WAITING = "waiting", _("Waits for its visit")
    STORED = "stored", _("Stored")
    QUARANTINED = "quarantined", _("In quarantine")
    REFUSED = "refused", _("Refused")


class PhotoUpload(models.Model):
    """One photo on its way from a device, in chunks; it becomes a `Photo` when it is whole and its
    visit is here. `id` is made on the device. Nothing here expires."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(FieldDevice, null=True, on_delete=models.SET_NULL)
    sender = models.ForeignKey("ranchers.User", on_delete=models.PROTECT)
    visit_uuid = models.UUIDField(db_index=True, help_text="As claimed; the visit may come later")
    practice = models.CharField(max_length=40, blank=True, help_text="Code, as claimed")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="Bytes")
    taken_at = models.DateTimeField(null=True, help_text="By the device's clock")
    sealed_iv = models.BinaryField(
        null=True, help_text="It comes as the locked phone keeps it, encrypted; opened when whole"
    )
    offset = models.PositiveIntegerField(default=0, help_text="Bytes received and committed")
    state = models.CharField(max_length=12, choices=PhotoState.choices, default=PhotoState.ARRIVING)
    reason = models.CharField(max_length=300, blank=True)
    photo = models.ForeignKey(
        "monitoring.Photo", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField(auto_now_add=True)
    whole_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["started_at"]
        verbose_name = _("photo on its way")
        indexes = [
            models.Index(
                fields=["started_at"],
                condition=Q(state__in=["waiting", "quarantined", "refused"]),
                name="photoupload_waiting",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(offset__lte=models.F("size")), name="photoupload_offset_in_size"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.offset}/{self.size}"


class PhotoChunk(models.Model):
    """Some bytes of a photo on its way; gone once the photo is stored."""

    upload = models.ForeignKey(PhotoUpload, on_delete=models.CASCADE, related_name="chunks")
    offset = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ["offset"]
        verbose_name = _("part of a photo")
        constraints = [
            models.UniqueConstraint(fields=["upload", "offset"], name="photochunk_once"),
        ]

    def __str__(self) -> str:
        return f"{self.upload_id} {self.offset}"


class FileState(models.TextChoices):
    CHECKED = "checked", _("Checked, not imported")
    APPLIED = "applied", _("Imported")
    DISCARDED = "discarded", _("Discarded")


class FieldFile(models.Model):
    """One export file of a phone, the last resort when it cannot send: read, shown, then imported.

    `holder` and `device` are set when the phone named in it is known here and is that person's.
    `items` and `photos` say in brief what it holds; `receipts` are the inbox ids of its items.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.FileField(upload_to="field-files/", blank=True)
    sha256 = models.CharField(max_length=64, unique=True)
    device = models.ForeignKey(FieldDevice, null=True, on_delete=models.SET_NULL)
    holder = models.ForeignKey(
        "ranchers.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    app_version = models.CharField(max_length=40, blank=True)
    exported_at = models.DateTimeField(null=True, help_text="By the device's clock")
    items = models.JSONField(default=list, help_text="[{kind, id, label, rancher, day, sha256, …}]")
    photos = models.JSONField(default=list, help_text="[{id, visit, size, problem}]")
    receipts = models.JSONField(default=list, help_text="Inbox ids, in the order of the items")
    state = models.CharField(max_length=10, choices=FileState.choices, default=FileState.CHECKED)
    uploaded_by = models.ForeignKey(
        "ranchers.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    settled_by = models.ForeignKey(
        "ranchers.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, help_text="Imported or discarded")

    class Meta:
        ordering = ["-uploaded_at"]
        verbose_name = _("file of a phone")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="checked", settled_at=None)
                | (~Q(state="checked") & Q(settled_at__isnull=False)),
                name="fieldfile_settled",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
