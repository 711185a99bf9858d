"""The API's catalogue of practices."""

from __future__ import annotations

from rest_framework import generics, serializers

from practices.models import Practice
from ranchers.access import EVERYONE
from ranchers.api_auth import roles


class PracticeSerializer(serializers.ModelSerializer[Practice]):
    """Names and texts are in the reader's language."""

    name = serializers.CharField(read_only=True)
    summary = serializers.CharField(read_only=True)
    adopted_when = serializers.CharField(read_only=True)
    evidence = serializers.CharField(read_only=True)
    criterion = serializers.SlugRelatedField[Practice](slug_field="code", read_only=True)

    class Meta:
        model = Practice
        fields = [
            "id",
            "code",
            "criterion",
            "name",
            "summary",
            "adopted_when",
            "evidence",
            "intensity_unit",
            "intensity_max_basis",
            "moves_indicator",
            "is_active",
        ]
        read_only_fields = fields


class Practices(generics.ListAPIView[Practice]):
    """The catalogue."""

    serializer_class = PracticeSerializer
    permission_classes = [roles(*EVERYONE)]
    queryset = Practice.objects.select_related("criterion")
    filterset_fields = ["code", "is_active"]
