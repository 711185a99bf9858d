"""People who can log in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    COORDINATOR = "coordinator", _("Coordinator")
    TECHNICIAN = "technician", _("Field technician")
    MINISTRY = "ministry", _("Ministry staff")
    RANCHER = "rancher", _("Rancher")


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str | None = None, password: str | None = None, **fields: Any
    ) -> User:
        user = self.model(email=self.normalize_email(email).lower() if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> User:
        fields.setdefault("role", Role.COORDINATOR)
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """One person who can log in, in exactly one role.

    Staff log in by e-mail and password; a rancher (role rancher, `rancher` set) by QR card + PIN.
    """

    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    rancher = models.OneToOneField(
        "ranchers.Rancher", null=True, blank=True, on_delete=models.CASCADE, related_name="user"
    )
    districts = models.ManyToManyField(
        "ranchers.District", blank=True, related_name="technicians", verbose_name=_("districts")
    )
    phone = models.CharField(_("phone"), max_length=16, blank=True)
    language = models.CharField(_("language"), max_length=2, default="es")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                name="user_rancher_iff_role_rancher",
                condition=models.Q(role="rancher", rancher__isnull=False)
                | (~models.Q(role="rancher") & models.Q(rancher__isnull=True, email__isnull=False)),
            ),
            models.CheckConstraint(
                name="user_role_known", condition=models.Q(role__in=Role.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        return self.is_superuser

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """As Django's, with the role in it: a change of role ends the person's sessions.

        So does a new password, and `set_unusable_password`, which is random each time: that is
        how deactivating an account and revoking a card end what is open.
        """
        salt = "ranchers.models.users.User.session"
        return salted_hmac(
            salt, f"{self.password} {self.role}", secret=secret, algorithm="sha256"
        ).hexdigest()
