"""Facts: what is known of a rancher in a quarter, and which ranchers await a recompute."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DirtyRancher(models.Model):
    """A rancher whose facts must be recomputed, from a quarter on. A write marks; a worker clears."""

    rancher = models.OneToOneField(
        "ranchers.Rancher", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    from_quarter = models.SmallIntegerField(help_text="Quarter number, year * 4 + (0..3)")
    marked_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("rancher to recompute")

    def __str__(self) -> str:
        return f"{self.rancher_id} from {self.from_quarter}"
